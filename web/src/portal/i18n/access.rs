//! The way in, beside the form that all programs of signed-in people have.

/// What stands around the form.
pub struct Access {
    pub forgot: &'static str,
    pub no_access: &'static str,
    pub register: &'static str,
    pub door: &'static str,
    pub rehearse: &'static str,
    pub rehearse_lead: &'static str,
    pub rehearse_use: &'static str,
}

pub const ES: Access = Access {
    forgot: "Olvidé mi contraseña",
    no_access: "¿Es cliente y aún no tiene acceso?",
    register: "Registrarse",
    door: "Facturar un ticket",
    rehearse: "Cuentas de prueba",
    rehearse_lead: "Esta instalación es un ensayo. Vea con qué usuario y contraseña entrar, y con qué datos registrarse.",
    rehearse_use: "Ver cuentas de prueba",
};

pub const EN: Access = Access {
    forgot: "I forgot my password",
    no_access: "A customer without access yet?",
    register: "Register",
    door: "Invoice a ticket",
    rehearse: "Test accounts",
    rehearse_lead: "This installation is a rehearsal. See which user and password sign in, and what to register with.",
    rehearse_use: "See test accounts",
};
