//! `dabiao serve`.

use super::log::{JsonLines, Log};
use super::{DONE, Place, output};
use crate::app::App;
use crate::server::{Limits, Service, schedule};
use chrono::Utc;
use std::io::IsTerminal;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    bind: String,
    /// Form of the log on standard error
    #[arg(long, value_enum, default_value = "text")]
    log_format: Log,
}

/// Serves the project and loads its inbox every night.
pub(super) fn run(place: &Place, args: &Args) -> anyhow::Result<u8> {
    serve(&place.open()?, &args.bind, args.log_format)
}

/// Serves `app` until it is told to stop.
pub(super) fn serve(app: &App, bind: &str, log: Log) -> anyhow::Result<u8> {
    log_to_stderr(log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(bind).await?;
        let address = listener.local_addr()?;
        output::line(&format!("http://{address}/  (Ctrl-C 停止 stops)"))?;
        let config = &app.programme().config;
        let cron = config.schedule.nightly.parse()?;
        let zone = config.programme.time_zone.parse()?;
        let service = Service::new(app.clone(), Limits::default());
        let nightly = service.clone();
        service.warm();
        #[expect(
            clippy::disallowed_methods,
            reason = "the schedule waits for real instants"
        )]
        let night = tokio::spawn(schedule::every(cron, zone, Utc::now, move || {
            if nightly.load() {
                nightly.warm();
            }
        }));
        service.serve(listener, stopped()).await;
        // No further load begins; one under way ends by itself before the runtime does.
        night.abort();
        Ok(DONE)
    })
}

fn log_to_stderr(log: Log) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _ = match log {
        Log::Text => lines.try_init(),
        Log::Json => lines.event_format(JsonLines).try_init(),
    };
}

/// Done when the process is asked to stop.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
