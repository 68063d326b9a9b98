//! Places of files that are on their way. Those that are made as they go hold a thread each, so there are few of them;
//! whoever reads slowly has some of these and leaves the rest to others. What is ready costs no maker's place.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{AT_ONCE, AT_ONCE_EACH};

/// Who has how many, and how many are left.
#[derive(Debug)]
pub struct Places {
    makers: Arc<Semaphore>,
    people: Mutex<HashMap<Uuid, usize>>,
}

/// A place that is held until the file is with its reader, or the reader is gone.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    person: Uuid,
    _maker: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// All of them free.
    pub fn new() -> Arc<Places> {
        Arc::new(Places { makers: Arc::new(Semaphore::new(AT_ONCE)), people: Mutex::default() })
    }

    /// Whether a person would find a place now, for a file that is made as it goes or for one that is ready.
    pub fn has_room(&self, person: Uuid, is_made: bool) -> bool {
        let held = self.held().get(&person).copied().unwrap_or(0);
        held < AT_ONCE_EACH && (!is_made || self.makers.available_permits() > 0)
    }

    /// Takes one, if there is one.
    pub fn take(self: &Arc<Self>, person: Uuid, is_made: bool) -> Option<Place> {
        let mut people = self.held();
        let held = people.get(&person).copied().unwrap_or(0);
        if held >= AT_ONCE_EACH {
            return None;
        }
        let maker = if is_made { Some(self.makers.clone().try_acquire_owned().ok()?) } else { None };
        people.insert(person, held + 1);
        drop(people);
        Some(Place { places: self.clone(), person, _maker: maker })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut people = self.places.held();
        if let Some(held) = people.get_mut(&self.person) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                people.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_all_the_places_and_what_is_ready_needs_no_makers() {
        let places = Places::new();
        let [slow, other, third] = [1, 2, 3].map(Uuid::from_u128);
        let of_slow: Vec<Place> = (0..AT_ONCE_EACH).map(|_| places.take(slow, true).unwrap()).collect();
        assert!(!places.has_room(slow, true) && !places.has_room(slow, false));
        assert!(places.take(slow, true).is_none() && places.take(slow, false).is_none());
        let of_other: Vec<Place> = (0..AT_ONCE_EACH).map(|_| places.take(other, true).unwrap()).collect();
        assert_eq!(of_slow.len() + of_other.len(), AT_ONCE);
        assert!(!places.has_room(third, true) && places.take(third, true).is_none(), "all the makers are at work");
        assert!(places.has_room(third, false));
        let ready = places.take(third, false).unwrap();
        drop(of_slow);
        assert!(places.has_room(third, true) && places.has_room(slow, true));
        drop((ready, of_other));
        assert!(places.held().is_empty());
    }
}
