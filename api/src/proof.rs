//! What `ventanilla verify` finds out: one line per promise, and what breaks it. Domains fill it in; `ops` prints it.

/// Broken rows named one by one; of any more only the number is told.
const NAMED_MAX: usize = 20;

/// One promise and what was found about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The promise, in a few words.
    pub promise: &'static str,
    /// Rows looked at.
    pub examined: u64,
    /// Rows that break it.
    pub broken: u64,
    /// The first of them, and how.
    pub named: Vec<String>,
}

impl Proof {
    /// Nothing looked at yet.
    pub fn of(promise: &'static str) -> Proof {
        Proof { promise, examined: 0, broken: 0, named: Vec::new() }
    }

    /// Counts a row, and what is wrong with it if anything is.
    pub fn examine(&mut self, fault: Option<String>) {
        self.examined += 1;
        if let Some(fault) = fault {
            self.fault(fault);
        }
    }

    /// Notes a fault among rows that were counted already.
    pub fn fault(&mut self, fault: String) {
        self.broken += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(fault);
        }
    }

    /// Nothing breaks it.
    pub fn holds(&self) -> bool {
        self.broken == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_faults_the_first_are_named_and_all_are_counted() {
        let mut proof = Proof::of("rows are whole");
        proof.examine(None);
        assert!(proof.holds());
        for n in 0..50 {
            proof.examine(Some(format!("row {n}")));
        }
        assert_eq!((proof.examined, proof.broken, proof.named.len(), proof.holds()), (51, 50, NAMED_MAX, false));
    }
}
