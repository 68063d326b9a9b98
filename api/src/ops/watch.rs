//! What a running house looks at by itself, every hour, and says aloud.
use super::doctor;
use crate::App;
use crate::jobs::Outcome;

/// Says so while there still is room to act (F9): the body of `JobKind::WatchDisk`.
pub fn disk(app: &App) -> Outcome {
    if let Some(seen) = doctor::little_room(&app.config.data_dir) {
        tracing::error!(seen, "the disk is nearly full: make room, or nothing can be written soon");
    }
    Outcome::Done
}
