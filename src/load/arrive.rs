//! One file as it arrives: whether it is one, whether it came before, and what is said of it.

use super::discover::{self, Found};
use super::{Error, Run};
use crate::intake::discover::FileName;
use crate::intake::receipt::{Earlier, FileStatus, Receipt, RowEffect, Totals, Violation};
use crate::intake::shown::{shown_name, without_numbers_of_persons};
use crate::lake::{Submission, SubmissionStatus};
use crate::programme::Text;

impl Run<'_> {
    /// Takes a file: passes it, sets it aside, or notes that it came before.
    ///
    /// # Errors
    /// When the lake fails; mistakes in the file are part of the report.
    pub(super) fn take(&mut self, found: &Found) -> Result<(), Error> {
        let name = FileName::parse(&found.name, self.programme);
        let stamp = match discover::stamp(&found.path) {
            Ok(stamp) => stamp,
            Err(error) => return self.set_aside(found, name.ok().as_ref(), error),
        };
        let noted = match &stamp {
            Some(stamp) => self.store.lake.digest_of(stamp)?,
            None => None,
        };
        // What is noted is taken at its word only where nothing is loaded for it.
        if let Some(sha256) = &noted
            && let Ok(name) = &name
            && let Some(earlier) = self.earlier(name, sha256)?
        {
            self.repeat(name, sha256, earlier);
            return Ok(());
        }
        let sha256 = match discover::sha256(&found.path) {
            Ok(sha256) => sha256,
            Err(error) => return self.set_aside(found, name.ok().as_ref(), error),
        };
        if let Some(stamp) = &stamp {
            self.hashed.push((stamp.clone(), sha256.clone()));
        }
        let name = match name {
            Ok(name) => name,
            Err(message) => return self.quarantine(found, None, &sha256, message),
        };
        if let Some(earlier) = self.earlier(&name, &sha256)? {
            self.repeat(&name, &sha256, earlier);
            return Ok(());
        }
        let passed = self.pass(found, &name, &sha256)?;
        if stamp != discover::stamp(&found.path).ok().flatten() {
            self.hashed.pop();
            if let Ok(passed) = passed {
                passed.abandon();
            }
            let message = Text::new(
                "文件在读取时被改动，请在写完后重新报送",
                "the file was changed while it was read; send it again when it is complete",
            );
            return self.quarantine(found, Some(&name), "", message);
        }
        match passed {
            Ok(passed) => self.keep(&name, passed),
            Err(message) => self.quarantine(found, Some(&name), &sha256, message),
        }
    }

    /// Where the same bytes of the same dataset and department were received: in this load, or in one before it.
    fn earlier(&self, name: &FileName, sha256: &str) -> Result<Option<Earlier>, Error> {
        let in_load = self.submissions.iter().find(|submission| {
            submission.status == SubmissionStatus::Loaded
                && submission.dataset == name.dataset
                && submission.department == name.department
                && submission.sha256 == sha256
        });
        if let Some(submission) = in_load {
            let load = self.load.id().to_owned();
            return Ok(Some(Earlier::new(
                load,
                submission.file.clone(),
                submission.rejected,
            )));
        }
        let lake = &self.store.lake;
        let seen = lake.submission_seen(&name.dataset, &name.department, sha256)?;
        Ok(seen.map(|(load, file, rejected)| Earlier::new(load, file, rejected)))
    }

    fn repeat(&mut self, name: &FileName, sha256: &str, earlier: Earlier) {
        let status = FileStatus::Duplicate;
        let receipt = Receipt {
            earlier: Some(earlier),
            ..whole_file(&name.name, sha256, status, Some(name), vec![])
        };
        self.note(Some(name), receipt);
    }

    /// What cannot be opened is set aside like any file that cannot be read; the others go on (Q08).
    fn set_aside(
        &mut self,
        found: &Found,
        name: Option<&FileName>,
        error: Error,
    ) -> Result<(), Error> {
        let Error::Io { source, .. } = error else {
            return Err(error);
        };
        let message = Text::new(
            format!("文件无法打开: {source}"),
            format!("the file cannot be opened: {source}"),
        );
        self.quarantine(found, name, "", message)
    }

    fn quarantine(
        &mut self,
        found: &Found,
        name: Option<&FileName>,
        sha256: &str,
        message: Text,
    ) -> Result<(), Error> {
        let violation = Violation {
            row: 0,
            sheet: None,
            rule: "V-FILE".to_owned(),
            column: String::new(),
            effect: RowEffect::Reject,
            value: String::new(),
            // It may quote the file's name, a header or the parser, and these the file.
            message: Text::new(
                without_numbers_of_persons(&message.zh),
                without_numbers_of_persons(&message.en),
            ),
        };
        let receipt = whole_file(
            &shown_name(&found.name),
            sha256,
            FileStatus::Quarantined,
            name,
            vec![violation],
        );
        self.note(name, receipt);
        Ok(())
    }

    pub(super) fn note(&mut self, name: Option<&FileName>, receipt: Receipt) {
        self.report.totals.add(&receipt.totals);
        let totals = receipt.totals;
        self.submissions.push(Submission {
            file: receipt.file.clone(),
            sha256: receipt.sha256.clone(),
            dataset: name.map(|name| name.dataset.clone()).unwrap_or_default(),
            department: name.map(|name| name.department.clone()).unwrap_or_default(),
            division: name.map(|name| name.division.clone()).unwrap_or_default(),
            period: name.map(|name| name.period.clone()).unwrap_or_default(),
            status: match receipt.status {
                FileStatus::Loaded => SubmissionStatus::Loaded,
                FileStatus::Duplicate => SubmissionStatus::Duplicate,
                FileStatus::Quarantined => SubmissionStatus::Quarantined,
            },
            received: totals.received,
            new: totals.new,
            correction: totals.correction,
            withdrawal: totals.withdrawal,
            unchanged: totals.unchanged,
            rejected: totals.rejected,
            receipt: serde_json::to_value(&receipt).expect("a receipt is JSON"),
        });
        self.report.files.push(receipt);
    }
}

fn whole_file(
    file: &str,
    sha256: &str,
    status: FileStatus,
    name: Option<&FileName>,
    violations: Vec<Violation>,
) -> Receipt {
    Receipt {
        file: file.to_owned(),
        sha256: sha256.to_owned(),
        status,
        totals: Totals::default(),
        repairs: vec![],
        violations,
        dataset: name.map(|name| name.dataset.clone()),
        department: name.map(|name| name.department.clone()),
        reading: None,
        earlier: None,
        repairs_not_listed: 0,
        violations_not_listed: 0,
        rows_to_correct: vec![],
    }
}
