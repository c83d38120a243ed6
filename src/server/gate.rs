//! How many answers are rendered at the same time, and how many wait for it.

use super::limits::Limits;
use super::problem::Problem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets so many in, so many more wait, and refuses the rest.
#[derive(Debug)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
}

/// One that waits; it waits no more once it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.renders)),
            waiting: AtomicUsize::new(0),
            waiting_max: limits.waiting,
        }
    }

    /// A place, at once or when one is left.
    ///
    /// # Errors
    /// When too many wait already.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.waiting_max {
            return Err(Problem::too_busy());
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| Problem::internal())
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_is_in_one_waits_and_the_third_is_refused() {
        let gate = Gate::new(&Limits {
            renders: 1,
            waiting: 1,
            ..Limits::default()
        });
        let first = gate.enter().await.unwrap();
        let second = gate.enter();
        tokio::pin!(second);
        assert!(futures::poll!(second.as_mut()).is_pending());
        assert_eq!(gate.waiting(), 1);
        assert!(gate.enter().await.is_err());
        drop(first);
        assert!(second.await.is_ok());
        assert_eq!(gate.waiting(), 0);
        // One that goes away while it waits leaves its place in the queue.
        let _third = gate.enter().await.unwrap();
        let mut gone = Box::pin(gate.enter());
        assert!(futures::poll!(gone.as_mut()).is_pending());
        drop(gone);
        assert_eq!(gate.waiting(), 0);
    }
}
