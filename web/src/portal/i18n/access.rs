//! The way in: signing in.

/// The way in.
pub struct Access {
    pub title: &'static str,
    pub lead: &'static str,
    pub user: &'static str,
    pub user_hint: &'static str,
    pub password: &'static str,
    pub show: &'static str,
    pub forgot: &'static str,
    pub enter: &'static str,
    pub entering: &'static str,
    pub no_access: &'static str,
    pub register: &'static str,
    pub door: &'static str,
    pub rehearse: &'static str,
    pub rehearse_lead: &'static str,
    pub rehearse_use: &'static str,
}

pub const ES: Access = Access {
    title: "Entrar al portal",
    lead: "Consulte sus facturas y descargue sus XML y PDF.",
    user: "Correo electrónico",
    user_hint: "También puede escribir su usuario o su RFC.",
    password: "Contraseña",
    show: "Mostrar contraseña",
    forgot: "Olvidé mi contraseña",
    enter: "Entrar",
    entering: "Entrando…",
    no_access: "¿Es cliente y aún no tiene acceso?",
    register: "Registrarse",
    door: "Facturar un ticket",
    rehearse: "Cuentas de prueba",
    rehearse_lead: "Esta instalación es un ensayo. Vea con qué usuario y contraseña entrar, y con qué datos registrarse.",
    rehearse_use: "Ver cuentas de prueba",
};

pub const EN: Access = Access {
    title: "Sign in to the portal",
    lead: "See your invoices and download their XML and PDF.",
    user: "Email",
    user_hint: "You can also type your user name or RFC.",
    password: "Password",
    show: "Show password",
    forgot: "I forgot my password",
    enter: "Sign in",
    entering: "Signing in…",
    no_access: "A customer without access yet?",
    register: "Register",
    door: "Invoice a ticket",
    rehearse: "Test accounts",
    rehearse_lead: "This installation is a rehearsal. See which user and password sign in, and what to register with.",
    rehearse_use: "See test accounts",
};
