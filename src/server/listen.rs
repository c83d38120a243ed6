//! Connections: how many, how long they may take to ask, and how they end.

use super::limits::Limits;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// Headers of a request.
const HEADERS_MAX: usize = 100;
/// Bytes of the head of a request that are read at all; what is below is told by a problem, what is above by a bare status.
const HEAD_BYTES_MAX: usize = 128 << 10;
/// How long to wait when the system has no connection to give (too many open files).
const BREATHER: Duration = Duration::from_millis(50);

/// Answers on `listener` until `shutdown` is done; then requests under way are answered, within [`Limits::grace`].
pub(super) async fn listen(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    shutdown: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    let places = Arc::new(Semaphore::new(limits.connections));
    let (stop, stopping) = watch::channel(false);
    let mut open = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        while open.try_join_next().is_some() {}
        match (accepted, place) {
            (Ok((stream, _)), Ok(place)) => {
                let connection = converse(http.clone(), stream, router.clone(), stopping.clone());
                open.spawn(held(place, connection));
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATHER).await;
            }
            (_, Err(_)) => break,
        }
    }
    // New ones are refused by the system from here on.
    drop(listener);
    stop.send_replace(true);
    let all = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.grace, all).await.is_err() {
        tracing::warn!("requests were still under way when the time to stop was over");
    }
}

async fn held(place: OwnedSemaphorePermit, work: impl Future<Output = ()>) {
    work.await;
    drop(place);
}

/// One connection to its end: the reader's, or that of the request under way once the program stops.
async fn converse(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are written whole: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let stop = async {
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    tokio::select! {
        ended = connection.as_mut() => {
            log_end(ended);
            return;
        }
        () = stop => {}
    }
    connection.as_mut().graceful_shutdown();
    log_end(connection.await);
}

/// Readers that go away or are too slow are not worth a line.
fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}
