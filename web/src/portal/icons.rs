//! Line icons of the portal: the insides of drawings, one constant each, so that only those in use are linked. Draw
//! them with [`crate::components::icon::drawing`].

pub const HOME: &str = r#"<path d="M15 21v-8a1 1 0 0 0-1-1h-4a1 1 0 0 0-1 1v8"/><path d="M3 10a2 2 0 0 1 .7-1.5l7-6a2 2 0 0 1 2.6 0l7 6A2 2 0 0 1 21 10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>"#;
pub const SEARCH: &str = r#"<path d="m21 21-4.340-4.340"/><circle cx="11" cy="11" r="8"/>"#;
pub const STATEMENT: &str = r#"<path d="M15 12h-5M15 8h-5M19 17V5a2 2 0 0 0-2-2H4"/><path d="M8 21h12a2 2 0 0 0 2-2v-1a1 1 0 0 0-1-1H11a1 1 0 0 0-1 1v1a2 2 0 1 1-4 0V5a2 2 0 1 0-4 0v2a1 1 0 0 0 1 1h3"/>"#;
pub const WALLET: &str = r#"<path d="M19 7V4a1 1 0 0 0-1-1H5a2 2 0 0 0 0 4h15a1 1 0 0 1 1 1v4h-3a2 2 0 0 0 0 4h3a1 1 0 0 0 1-1v-2a1 1 0 0 0-1-1"/><path d="M3 5v14a2 2 0 0 0 2 2h15a1 1 0 0 0 1-1v-4"/>"#;
pub const HISTORY: &str =
    r#"<path d="M3 12a9 9 0 1 0 9-9 9.750 9.750 0 0 0-6.740 2.740L3 8"/><path d="M3 3v5h5M12 7v5l4 2"/>"#;
pub const PERSON: &str = r#"<circle cx="12" cy="8" r="5"/><path d="M20 21a8 8 0 0 0-16 0"/>"#;
pub const TICKET: &str =
    r#"<path d="M4 3h16v18l-2.700-1.500L14.700 21 12 19.500 9.300 21l-2.600-1.500L4 21z"/><path d="M8 8h8M8 12h8"/>"#;
pub const SIGN_OUT: &str = r#"<path d="m16 17 5-5-5-5M21 12H9M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4"/>"#;
pub const EYE: &str =
    r#"<path d="M2 12a10.750 10.750 0 0 1 20 0 10.750 10.750 0 0 1-20 0"/><circle cx="12" cy="12" r="3"/>"#;
pub const EYE_OFF: &str =
    r#"<path d="M2 12a10.750 10.750 0 0 1 20 0 10.750 10.750 0 0 1-20 0"/><path d="m3 3 18 18"/>"#;
pub const DEVICE: &str = r#"<rect width="20" height="14" x="2" y="3" rx="2"/><path d="M8 21h8M12 17v4"/>"#;
pub const ARROW_DOWN: &str = r#"<path d="M12 5v14M19 12l-7 7-7-7"/>"#;
pub const ARROW_UP: &str = r#"<path d="M12 19V5M5 12l7-7 7 7"/>"#;
pub const EITHER_WAY: &str = r#"<path d="m7 15 5 5 5-5M7 9l5-5 5 5"/>"#;
pub const DOWNLOAD: &str = r#"<path d="M12 15V3M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5"/>"#;
pub const CALENDAR: &str = r#"<path d="M8 2v4M16 2v4M3 10h18"/><rect width="18" height="18" x="3" y="4" rx="2"/>"#;
