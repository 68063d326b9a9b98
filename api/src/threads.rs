//! Work that was handed to a task or a thread of its own, and did not come back.
use tokio::task::JoinError;

/// Why it did not. tokio's own words quote the message of a panic, which may hold somebody's data (O2): the log has said
/// where it was, and nobody says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// It panicked.
    #[error("panicked")]
    Panicked,
    /// Whoever ran it stopped first.
    #[error("was stopped")]
    Stopped,
}

impl From<JoinError> for Ended {
    fn from(error: JoinError) -> Ended {
        if error.is_panic() { Ended::Panicked } else { Ended::Stopped }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[tokio::test]
    async fn what_a_panic_says_is_not_said_again() {
        let panicked = tokio::spawn(async { panic!("byte index 3 of `Peña y hijos`") }).await;
        let ended = Ended::from(panicked.unwrap_err());
        assert_eq!((ended, ended.to_string().as_str()), (Ended::Panicked, "panicked"));
        assert!(ended.source().is_none() && !format!("{ended:?}").contains("hijos"));
        let stopped = tokio::spawn(std::future::pending::<()>());
        stopped.abort();
        assert_eq!(Ended::from(stopped.await.unwrap_err()), Ended::Stopped);
    }
}
