//! Printing.

use std::io::{IsTerminal, Write};

/// Formats that every listing command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Listing {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Writes to standard output; a reader that went away is no error.
pub(super) fn out(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Writes to `path`, or to standard output where there is none.
pub(super) fn write(path: Option<&std::path::Path>, bytes: &[u8]) -> anyhow::Result<()> {
    match path {
        Some(path) => Ok(std::fs::write(path, bytes)?),
        None => out(bytes),
    }
}

/// Writes a line to standard output.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    out(format!("{text}\n").as_bytes())
}

/// Prints an error with its causes, each once; a question's mistake in both languages.
pub(super) fn error(error: &anyhow::Error) {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = match cause.downcast_ref::<crate::app::Error>() {
            Some(crate::app::Error::Request(text)) => format!("{} / {}", text.zh, text.en),
            _ => cause.to_string(),
        };
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    let _ = writeln!(std::io::stderr(), "dabiao: {}", said.join(": "));
}

/// A progress line for long work, on terminals only.
pub(super) fn bar(length: u64) -> indicatif::ProgressBar {
    let bar = if std::io::stderr().is_terminal() {
        indicatif::ProgressBar::new(length)
    } else {
        indicatif::ProgressBar::hidden()
    };
    let style =
        indicatif::ProgressStyle::with_template("{elapsed:>4} [{bar:30}] {pos}/{len} {msg}");
    bar.with_style(style.expect("the template is right"))
}
