//! The limits a parsing process puts on itself.

use std::io;

use super::super::Limits;

/// Open files: the three standard ones, the workbook, and what the runtime itself needs.
const FILES_MAX: u64 = 32;

/// Confines this process for good: memory, processor time, no files written, no core dump.
///
/// # Errors
/// When the system refuses a limit.
pub(super) fn confine(limits: &Limits) -> io::Result<()> {
    // One second between the signal that can be told from others and the one that cannot be ignored.
    let cpu = limits.child_cpu_seconds_max;
    limit(libc::RLIMIT_CPU, cpu, cpu + 1)?;
    limit(libc::RLIMIT_CORE, 0, 0)?;
    limit(libc::RLIMIT_FSIZE, 0, 0)?;
    limit(libc::RLIMIT_NOFILE, FILES_MAX, FILES_MAX)?;
    limit(
        libc::RLIMIT_AS,
        limits.child_memory_bytes_max,
        limits.child_memory_bytes_max,
    )
}

#[expect(
    unsafe_code,
    reason = "the standard library cannot set a resource limit"
)]
fn limit(resource: libc::__rlimit_resource_t, soft: u64, hard: u64) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: setrlimit only reads the struct behind the pointer, which lives until it returns.
    if unsafe { libc::setrlimit(resource, &raw const limit) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
