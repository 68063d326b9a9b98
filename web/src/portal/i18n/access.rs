//! The way in, beside the form that all programs of signed-in people have.

use crate::signed::enter;

/// The entrance of a profile: its form, and what its manual says around it.
pub struct Entrance {
    pub enter: enter::Access,
    pub forgot: &'static str,
    pub register: &'static str,
    pub note_title: &'static str,
    pub about: &'static str,
}

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

pub const CIT_ES: Entrance = Entrance {
    enter: enter::Access {
        title: "Clientes",
        lead: "Ingrese los datos de su cuenta.",
        user: "Correo",
        user_hint: "",
        ..enter::ES
    },
    forgot: "¿Olvidaste tu contraseña?",
    register: "Registro Cliente Nuevo",
    note_title: "",
    about: "Consulte y descargue sus facturas, recibos, notas de crédito y estados de cuenta.",
};

pub const CIT_EN: Entrance = Entrance {
    enter: enter::Access {
        title: "Customers",
        lead: "Type the data of your account.",
        user: "Email",
        user_hint: "",
        ..enter::EN
    },
    forgot: "Did you forget your password?",
    register: "New customer",
    note_title: "",
    about: "See and download your invoices, receipts, credit notes and statements of account.",
};

pub const TICKET_ES: Entrance = Entrance {
    enter: enter::Access {
        title: "Panel de control de Facturas",
        lead: "Captura los datos de tu cuenta.",
        user: "RFC o correo",
        user_hint: "",
        ..enter::ES
    },
    forgot: "Recordar contraseña",
    register: "",
    note_title: "",
    about: "Para facturar no necesita cuenta. En el panel consulta, filtra y descarga sus facturas.",
};

pub const TICKET_EN: Entrance = Entrance {
    enter: enter::Access {
        title: "Invoice control panel",
        lead: "Type the data of your account.",
        user: "RFC or email",
        user_hint: "",
        ..enter::EN
    },
    forgot: "Remember the password",
    register: "",
    note_title: "",
    about: "You need no account to invoice. In the panel you see, filter and download your invoices.",
};

pub const CANON_ES: Entrance = Entrance {
    enter: enter::Access {
        title: "Portal clientes",
        lead: "La primera vez, su usuario y su contraseña son el RFC.",
        user: "Usuario",
        user_hint: "",
        enter: "Iniciar sesión",
        entering: "Iniciando…",
        ..enter::ES
    },
    forgot: "Recuperar contraseña",
    register: "",
    note_title: "NOTA:",
    about: "Si tiene problemas para ingresar por errores de usuario y contraseña, escríbanos a {0}.",
};

pub const CANON_EN: Entrance = Entrance {
    enter: enter::Access {
        title: "Customer portal",
        lead: "The first time, user and password are your RFC.",
        user: "User",
        user_hint: "",
        enter: "Sign in",
        ..enter::EN
    },
    forgot: "Recover password",
    register: "",
    note_title: "NOTE:",
    about: "If you cannot enter because of errors of user and password, write to {0}.",
};
