//! The table of changes of the certificate register, made from the current certificates (CONTRACT Q47).

use super::Error;
use super::frames::texts;
use crate::counting::register::{Certificate, Change, changes};
use crate::engine::schema::{CERTIFICATES, REGISTER};
use crate::lake::Load;
use crate::programme::Programme;
use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Series, col};

/// Publishes the changes of the register as the certificates of the load leave them.
///
/// # Errors
/// When the certificates cannot be read or the table cannot be written.
pub(super) fn publish(load: &Load, programme: &Programme) -> Result<(), Error> {
    let wanted = [
        "person",
        "department",
        "record_no",
        "issued_on",
        "certificate_type",
        "level",
        "division",
        "sector",
        "employment_status",
        "status_on",
    ];
    let Some(certificates) = load.scan(CERTIFICATES)? else {
        return Ok(());
    };
    let frame = certificates.select(wanted.map(col)).collect()?;
    Ok(load.replace(REGISTER, &of(&frame, programme)?)?)
}

/// The changes of the register that current certificates make.
///
/// # Errors
/// When a column is missing.
pub(super) fn of(certificates: &DataFrame, programme: &Programme) -> Result<DataFrame, Error> {
    let certificates = read(certificates, programme)?;
    table(&changes(&certificates), programme)
}

fn read<'a>(frame: &'a DataFrame, programme: &'a Programme) -> Result<Vec<Certificate<'a>>, Error> {
    let text = |name: &str| frame.column(name).and_then(|column| column.str());
    let day = |name: &str| {
        frame
            .column(name)
            .and_then(|column| column.date().map(|days| &days.phys))
    };
    let (person, department, record_no) =
        (text("person")?, text("department")?, text("record_no")?);
    let (kind, level, division) = (text("certificate_type")?, text("level")?, text("division")?);
    let (sector, status) = (text("sector")?, text("employment_status")?);
    let (issued_on, status_on) = (day("issued_on")?, day("status_on")?);
    let (kinds, levels) = (
        programme.list("certificate_types"),
        programme.list("levels"),
    );
    let said = |list: &'a crate::programme::CodeList, code: &str, attribute: &str| {
        list.get(code).is_some_and(|entry| entry.has(attribute))
    };
    let rank = |level: &str| -> i32 {
        let rank = levels
            .get(level)
            .and_then(|entry| entry.attributes.get("rank"));
        rank.and_then(|rank| rank.parse().ok()).unwrap_or(0)
    };
    Ok((0..frame.height())
        .map(|row| {
            let of =
                |column: &'a polars::prelude::StringChunked| column.get(row).unwrap_or_default();
            let (kind, level) = (of(kind), of(level));
            Certificate {
                person: of(person),
                record: (of(department), of(record_no)),
                issued_on: issued_on.get(row).unwrap_or_default(),
                skilled: said(kinds, kind, "skilled_stock") && said(levels, level, "skilled"),
                rank: rank(level),
                level,
                division: of(division),
                sector: of(sector),
                employed: status.get(row).map(|status| status == EMPLOYED),
                status_on: status_on.get(row),
            }
        })
        .collect())
}

/// The status of who is in work.
const EMPLOYED: &str = "employed";

fn table(changes: &[Change<'_>], programme: &Programme) -> Result<DataFrame, Error> {
    let levels = programme.list("levels");
    let highly = |level: &str| {
        levels
            .get(level)
            .is_some_and(|entry| entry.has("highly_skilled"))
    };
    let dates: Vec<i32> = changes.iter().map(|change| change.day).collect();
    let skilled: Vec<i64> = changes.iter().map(|change| change.persons).collect();
    let highly_skilled: Vec<i64> = changes
        .iter()
        .map(|change| {
            if highly(change.standing.level) {
                change.persons
            } else {
                0
            }
        })
        .collect();
    let columns = vec![
        Column::from(Series::new("date".into(), dates).cast(&DataType::Date)?),
        texts(
            "division",
            changes.iter().map(|change| Some(change.standing.division)),
        ),
        texts(
            "sector",
            changes
                .iter()
                .map(|change| Some(change.standing.sector).filter(|sector| !sector.is_empty())),
        ),
        texts(
            "level",
            changes.iter().map(|change| Some(change.standing.level)),
        ),
        Column::from(Series::new("skilled".into(), skilled)),
        Column::from(Series::new("highly_skilled".into(), highly_skilled)),
    ];
    Ok(DataFrame::new(changes.len(), columns)?)
}
