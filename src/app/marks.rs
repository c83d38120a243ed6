//! Marks
use super::{App, Error};
use crate::indicators::table::{Request, Table};
use crate::lake::Snapshot;
impl App {
    pub(super) fn mark(&self, _t: &mut Table, _s: &Snapshot, _r: &Request) -> Result<(), Error> {
        Ok(())
    }
}
