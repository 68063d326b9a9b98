//! Line icons, always decoration: the words beside them carry the meaning. Only the ones in use are here.
use leptos::prelude::*;

/// A drawing on a grid of 24.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Search,
    ChevronLeft,
    ChevronDown,
    CircleCheck,
    CircleX,
    Circle,
    Alert,
    Info,
    Clock,
    Spinner,
    Retry,
    FileText,
    FileCode,
    Mail,
}

impl Icon {
    /// The inside of the drawing: constant text of ours, never data.
    const fn paths(self) -> &'static str {
        match self {
            Icon::Search => r#"<path d="m21 21-4.34-4.34"/><circle cx="11" cy="11" r="8"/>"#,
            Icon::ChevronLeft => r#"<path d="m15 18-6-6 6-6"/>"#,
            Icon::ChevronDown => r#"<path d="m6 9 6 6 6-6"/>"#,
            Icon::CircleCheck => r#"<circle cx="12" cy="12" r="10"/><path d="m16 9-5.5 5.5L8 12"/>"#,
            Icon::CircleX => r#"<circle cx="12" cy="12" r="10"/><path d="m15 9-6 6M9 9l6 6"/>"#,
            Icon::Circle => r#"<circle cx="12" cy="12" r="10"/>"#,
            Icon::Alert => r#"<circle cx="12" cy="12" r="10"/><path d="M12 8v4M12 16h.01"/>"#,
            Icon::Info => r#"<circle cx="12" cy="12" r="10"/><path d="M12 16v-4M12 8h.01"/>"#,
            Icon::Clock => r#"<circle cx="12" cy="12" r="10"/><path d="M12 6v6l4 2"/>"#,
            Icon::Spinner => r#"<path d="M21 12a9 9 0 1 1-6.219-8.56"/>"#,
            Icon::Retry => r#"<path d="M21 12a9 9 0 1 1-9-9c2.52 0 4.93 1 6.74 2.74L21 8"/><path d="M21 3v5h-5"/>"#,
            Icon::FileText => {
                r#"<path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8l6 6v12a2 2 0 0 1-2 2z"/><path d="M14 2v6h6M10 9H8M16 13H8M16 17H8"/>"#
            }
            Icon::FileCode => {
                r#"<path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8l6 6v12a2 2 0 0 1-2 2z"/><path d="M14 2v6h6M10 12.5 8 15l2 2.500M14 12.500l2 2.500-2 2.500"/>"#
            }
            Icon::Mail => r#"<rect width="20" height="16" x="2" y="4" rx="2"/><path d="m22 7-10 6L2 7"/>"#,
        }
    }
}

/// Draws an icon.
pub fn icon(icon: Icon) -> AnyView {
    drawing(icon.paths())
}

/// Draws the inside of an icon: constant text of ours, never data.
pub fn drawing(paths: &'static str) -> AnyView {
    view! {
        <svg
            class="i"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=paths
        ></svg>
    }
    .into_any()
}
