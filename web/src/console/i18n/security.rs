//! The page about a person's own password, code and sessions.

/// The words.
pub struct Security {
    pub title: &'static str,
    pub password: &'static str,
    pub password_lead: &'static str,
    pub current: &'static str,
    pub change: &'static str,
    pub changing: &'static str,
    pub changed: &'static str,
    pub sessions: &'static str,
    pub this_session: &'static str,
    pub unknown_device: &'static str,
    pub seen: &'static str,
    pub end_others: &'static str,
    pub ending: &'static str,
    pub ended: &'static str,
}

pub const ES: Security = Security {
    title: "Seguridad",
    password: "Contraseña",
    password_lead: "Al cambiarla se cierran sus demás sesiones.",
    current: "Contraseña actual",
    change: "Cambiar contraseña",
    changing: "Cambiando…",
    changed: "Contraseña cambiada.",
    sessions: "Sesiones abiertas",
    this_session: "Esta sesión",
    unknown_device: "Equipo desconocido",
    seen: "Último uso: {0}",
    end_others: "Cerrar las demás",
    ending: "Cerrando…",
    ended: "Se cerraron las demás sesiones.",
};

pub const EN: Security = Security {
    title: "Security",
    password: "Password",
    password_lead: "Changing it closes your other sessions.",
    current: "Current password",
    change: "Change password",
    changing: "Changing…",
    changed: "Password changed.",
    sessions: "Open sessions",
    this_session: "This session",
    unknown_device: "Unknown device",
    seen: "Last used: {0}",
    end_others: "Close the others",
    ending: "Closing…",
    ended: "The other sessions were closed.",
};
