//! What handlers share, and the way from a question to its answer: kept, or made once, off the async threads, within bounds.

use super::answer::Answer;
use super::coding::Coding;
use super::gate::Gate;
use super::kept::{Address, Kept, Key, Turn};
use super::limits::Limits;
use super::meters::Meters;
use super::problem::Problem;
use crate::app::{App, Error, Standing};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use futures::FutureExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What handlers share; cheap to clone.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) app: App,
    pub(super) kept: Arc<Kept>,
    pub(super) gate: Arc<Gate>,
    pub(super) meters: Arc<Meters>,
    pub(super) limits: Limits,
    turned: Arc<Mutex<Turned>>,
}

/// When what answers depend on changed.
#[derive(Debug, Default)]
struct Turned {
    now: Arc<str>,
    /// When that was last found to be so.
    found: Option<Instant>,
    /// What was so before, and when it was last found to be.
    before: Option<(Arc<str>, Instant)>,
}

/// How long ago what a page shows may have been the newest: as long as it takes to make the next one.
const PAGE_AGE_MAX: Duration = Duration::from_secs(1);

/// Whose answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// People: nobody waits for a page that is being made anew as long as the one before was the newest a moment ago.
    People,
    /// Programs: always of the newest snapshot.
    Programs,
}

/// The state of answers that depend on this program only.
const FIXED: &str = "";

impl Desk {
    pub(super) fn new(app: App, limits: Limits) -> Self {
        Self {
            app,
            kept: Arc::new(Kept::new(limits.kept_bytes)),
            gate: Arc::new(Gate::new(&limits)),
            meters: Arc::default(),
            limits,
            turned: Arc::default(),
        }
    }

    /// What answers depend on now besides their question, and, for people, what they did up to a moment ago.
    fn states(&self, reader: For) -> Result<(Arc<str>, Option<Arc<str>>), Error> {
        let state = state_of(&*self.app.standing()?);
        let now = Instant::now();
        let mut turned = self.turned.lock().unwrap_or_else(PoisonError::into_inner);
        if turned.now != state {
            let before = std::mem::replace(&mut turned.now, Arc::clone(&state));
            turned.before = turned.found.map(|found| (before, found));
        }
        turned.found = Some(now);
        let before = turned.before.as_ref();
        let before = before.filter(|(_, found)| now - *found < PAGE_AGE_MAX);
        let before = before.filter(|_| reader == For::People);
        Ok((state, before.map(|(before, _)| Arc::clone(before))))
    }

    /// Answers with what `render` makes; kept under `address` where it has one, and tells problems in the reader's form.
    pub(super) async fn rendered(
        self,
        reader: For,
        address: Option<Address>,
        headers: HeaderMap,
        render: impl FnOnce(&App) -> Result<Answer, Problem> + Send + 'static,
    ) -> Response {
        let coding = Coding::of(&headers);
        let found = match address {
            Some(address) => match self.states(reader) {
                Ok(states) => self.find_or_make(states, address, coding, render).await,
                Err(error) => Err(error.into()),
            },
            None => self.within_time(self.clone().made(coding, render)).await,
        };
        told(found, &headers)
    }

    /// Answers with what is the same for as long as this program runs, also before the first load.
    pub(super) async fn fixed(
        self,
        address: &'static str,
        headers: HeaderMap,
        render: impl FnOnce(&App) -> Result<Answer, Problem> + Send + 'static,
    ) -> Response {
        let address = Address::new(address, "", "");
        let coding = Coding::of(&headers);
        let found = self
            .find_or_make((FIXED.into(), None), address, coding, render)
            .await;
        told(found, &headers)
    }

    async fn find_or_make(
        &self,
        (state, before): (Arc<str>, Option<Arc<str>>),
        address: Address,
        coding: Coding,
        render: impl FnOnce(&App) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let plain = Key {
            state,
            address,
            coding: Coding::Identity,
        };
        let wanted = Key {
            coding,
            ..plain.clone()
        };
        let found = self.kept.find(&wanted);
        self.meters.asked_for(found.is_some());
        if let Some(answer) = found {
            return Ok(answer);
        }
        let desk = self.clone();
        let made = async move {
            let rendered = match desk.kept.find(&plain) {
                Some(answer) => answer,
                None => {
                    let render = desk.clone().made(Coding::Identity, render);
                    desk.once(plain, render).await?
                }
            };
            match coding {
                Coding::Identity => Ok(rendered),
                coding => off_thread(move || Ok(rendered.coded(coding))).await,
            }
        };
        let earlier = before.and_then(|state| {
            let wanted = wanted.clone();
            self.kept.find(&Key { state, ..wanted })
        });
        let made = async {
            match coding {
                // The plain answer is made under its own key.
                Coding::Identity => made.await,
                _ => self.once(wanted, made).await,
            }
        };
        let Some(earlier) = earlier else {
            return self.within_time(made).await;
        };
        // It is begun by whoever comes first; nobody waits for it yet.
        let _ = made.now_or_never();
        Ok(earlier)
    }

    /// Lets one of all who ask for the same at the same time make it. It is made to its end also where the one who asked goes
    /// away, so that the next one finds it.
    async fn once(
        &self,
        key: Key,
        make: impl Future<Output = Result<Answer, Problem>> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let mut made = match self.kept.turn(&key) {
            Turn::Wait(made) => made,
            Turn::Make(maker) => {
                let made = maker.told();
                tokio::spawn(async move { maker.done(make.await) });
                made
            }
        };
        let made = made.wait_for(Option::is_some).await;
        match made.map(|made| made.clone()) {
            Ok(Some(made)) => made,
            _ => Err(Problem::internal()),
        }
    }

    /// Renders off the async threads once the gate lets it in.
    async fn made(
        self,
        coding: Coding,
        render: impl FnOnce(&App) -> Result<Answer, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let permit = self.gate.enter().await?;
        off_thread(move || {
            let _permit = permit;
            let begun = Instant::now();
            let answer = render(&self.app);
            self.meters.rendered(begun.elapsed());
            answer.map(|answer| answer.coded(coding))
        })
        .await
    }

    async fn within_time(
        &self,
        made: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        match tokio::time::timeout(self.limits.render_time, made).await {
            Ok(made) => made,
            Err(_) => Err(Problem::too_slow()),
        }
    }
}

/// What an answer depends on besides its question: the page tells when the next load is due, and a night without new files
/// publishes no snapshot.
fn state_of(standing: &Standing) -> Arc<str> {
    match standing.next_load {
        Some(next) => format!("{} {}", standing.snapshot, next.timestamp()).into(),
        None => standing.snapshot.as_str().into(),
    }
}

/// Runs work that computes or waits for the disk where it holds up no other request.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(%error, "a request panicked");
            Err(Problem::internal())
        }
    }
}

fn told(found: Result<Answer, Problem>, headers: &HeaderMap) -> Response {
    match found {
        Ok(answer) => answer.respond(headers),
        Err(problem) => problem.respond(wants_html(headers)),
    }
}

/// Whether problems are told as a page.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
