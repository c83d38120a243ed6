//! The nightly load: a cron expression in the programme's time zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use std::time::Duration;

/// The next instant after `after` at which `cron` falls due in `zone`; `None` when it never does.
pub fn next(cron: &Cron, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = after.with_timezone(&zone);
    cron.find_next_occurrence(&local, false)
        .ok()
        .map(|next| next.with_timezone(&Utc))
}

/// Calls `work` at every due instant until the task is dropped. `now` reads the clock; `work` reports its own failures, and
/// one that fails does not stop the next.
pub async fn every(
    cron: Cron,
    zone: Tz,
    now: impl Fn() -> DateTime<Utc>,
    work: impl Fn() + Clone + Send + 'static,
) {
    // The clock may be set while we sleep: look again at least this often.
    const NAP_MAX: Duration = Duration::from_secs(600);
    let Some(mut due) = next(&cron, zone, now()) else {
        return;
    };
    loop {
        let wait = (due - now()).to_std().unwrap_or_default();
        if wait.is_zero() {
            let work = work.clone();
            let _ = tokio::task::spawn_blocking(work).await;
            match next(&cron, zone, now().max(due)) {
                Some(next) => due = next,
                None => return,
            }
        } else {
            tokio::time::sleep(wait.min(NAP_MAX)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_in_the_morning_in_changchun_is_six_in_the_evening_in_utc() {
        let cron: Cron = "0 2 * * *".parse().unwrap();
        let after: DateTime<Utc> = "2021-06-29T12:00:00Z".parse().unwrap();
        let due = next(&cron, chrono_tz::Asia::Shanghai, after).unwrap();
        assert_eq!(due.to_rfc3339(), "2021-06-29T18:00:00+00:00");
        let again = next(&cron, chrono_tz::Asia::Shanghai, due).unwrap();
        assert_eq!(again.to_rfc3339(), "2021-06-30T18:00:00+00:00");
    }
}
