//! The ledger as steps: how many records came in, what was lost at each step and by which rule, how many count.

use super::parts::{self, SIZE, SMALL, Voice, measured, small, small_end};
use super::scene::{Anchor, Label, Mark, Scene};
use super::{Chart, Width, text, theme};
use crate::presentation::encode::explain::Step;
use crate::presentation::numbers;
use crate::programme::{Decimal, Language, Programme};

/// The ledger as horizontal bars: stages from the left edge, and between two stages what was lost, where it was lost.
pub fn funnel(steps: &[Step], programme: &Programme, language: Language, width: Width) -> Chart {
    let voice = Voice {
        programme,
        language,
    };
    let lines = lines(steps, voice);
    let summary = summary(&lines, voice);
    Chart {
        scene: Plan::new(&lines, width).scene(&lines, voice),
        summary,
    }
}

/// What a step is in the subtraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// What is left.
    Stage,
    /// The last of them.
    Counted,
    /// A part of the stage before that is not taken away.
    Aside,
    /// What is taken away.
    Loss,
}

struct Line {
    role: Role,
    name: String,
    /// Rule and clause in words.
    source: String,
    number: Decimal,
    shown: String,
    /// Of the first stage.
    share: Option<String>,
    /// Ends of its bar in records.
    from: f64,
    to: f64,
}

fn lines(steps: &[Step], voice: Voice<'_>) -> Vec<Line> {
    let whole = steps.first().map_or(0, |step| step.count);
    let whole = Decimal::new(i128::from(whole), 0);
    let mut left = 0.0;
    let mut lines = Vec::new();
    for step in steps {
        let number = Decimal::new(i128::from(step.count), 0);
        let length = number.approximate();
        let role = role(step.step);
        let (from, to) = match role {
            Role::Loss => (left - length, left),
            _ => (0.0, length),
        };
        left = match role {
            Role::Aside => left,
            Role::Loss => from,
            Role::Stage | Role::Counted => length,
        };
        let shown = numbers::plain(number);
        lines.push(Line {
            role,
            name: name(step, voice),
            source: source(step, voice),
            shown: match role {
                // A loss is written as what it does to the number above.
                Role::Loss if step.count > 0 => format!("−{shown}"),
                _ => shown,
            },
            share: parts::share(number, whole),
            number,
            from,
            to,
        });
    }
    lines
}

fn role(step: &str) -> Role {
    match step {
        "received" | "accepted" | "completed" => Role::Stage,
        "counted" => Role::Counted,
        "started" => Role::Aside,
        _ => Role::Loss,
    }
}

fn name(step: &Step, voice: Voice<'_>) -> String {
    let key = match step.step {
        "received" => "step_received",
        "rejected" => "step_rejected",
        "unchanged" => "step_unchanged",
        "superseded" => "step_superseded",
        "withdrawn" => "step_withdrawn",
        "accepted" => "step_accepted",
        "started" => "step_started",
        "completed" => "step_completed",
        "counted" => "step_counted",
        other => {
            let id = step.rule.as_deref().unwrap_or(other);
            let rule = voice.programme.config.rule(id);
            return rule.map_or_else(
                || other.to_owned(),
                |rule| rule.title.get(voice.language).to_owned(),
            );
        }
    };
    voice.say(key).to_owned()
}

fn source(step: &Step, voice: Voice<'_>) -> String {
    let rule = step.rule.as_deref().filter(|rule| !rule.is_empty());
    let clause = step.clause.as_deref().filter(|clause| !clause.is_empty());
    match (rule, clause) {
        (Some(rule), Some(clause)) => {
            voice.fill("step_source", &[("rule", rule), ("clause", clause)])
        }
        (Some(rule), None) => voice.fill("step_rule", &[("rule", rule)]),
        _ => String::new(),
    }
}

/// Indent of what stands under a stage.
const INDENT: f64 = 16.0;
const HEAD: f64 = 22.0;

/// Where things stand.
struct Plan {
    width: f64,
    /// Names above the bars rather than beside them.
    stacked: bool,
    name_width: f64,
    /// Left end of rules and clauses.
    source: f64,
    left: f64,
    scale: f64,
    /// Right ends of counts and shares.
    columns: [f64; 2],
}

impl Plan {
    fn new(lines: &[Line], screen: Width) -> Self {
        let width = screen.pixels();
        let stacked = matches!(screen, Width::Phone | Width::Half);
        let widest = |text: fn(&Line) -> &str, size: f64| {
            let widths = lines.iter().map(|line| measured(text(line), size, true));
            widths.fold(0.0, f64::max)
        };
        let shares = widest(|line| line.share.as_deref().unwrap_or_default(), SIZE).max(44.0);
        let counts = widest(|line| &line.shown, SIZE).max(40.0);
        let end = width - shares - 16.0;
        let names = widest(|line| &line.name, SIZE) + INDENT;
        let sources = widest(|line| &line.source, SMALL);
        let (name_width, source, left, right) = match stacked {
            true => (end - counts - 14.0, 0.0, 0.0, width),
            false => {
                let names = names.min(0.3 * width);
                let sources = sources.min(0.2 * width);
                let left = names + 16.0 + sources + if sources > 0.0 { 20.0 } else { 0.0 };
                (names, names + 16.0, left, end - counts - 22.0)
            }
        };
        let longest = lines.iter().map(|line| line.to.abs()).fold(0.0, f64::max);
        let scale = match longest {
            0.0 => 0.0,
            _ => (right - left) / longest,
        };
        Self {
            width,
            stacked,
            name_width,
            source,
            left,
            scale,
            columns: [end, width],
        }
    }

    fn height(&self, line: &Line) -> f64 {
        match (self.stacked, line.role) {
            (false, Role::Stage | Role::Counted) => 34.0,
            (false, _) => 24.0,
            (true, Role::Stage | Role::Counted) => 46.0,
            (true, _) => 34.0,
        }
    }

    fn scene(&self, lines: &[Line], voice: Voice<'_>) -> Scene {
        let mut marks = Vec::new();
        let [count, share] = self.columns;
        marks.push(Mark::Label(small_end(voice.say("step_share"), share, 8.0)));
        marks.push(Mark::Label(small_end(
            voice.say("step_records"),
            count,
            8.0,
        )));
        let mut y = HEAD;
        for (position, line) in lines.iter().enumerate() {
            let is_stage = matches!(line.role, Role::Stage | Role::Counted);
            if is_stage && position > 0 {
                marks.push(parts::rule(0.0, self.width, y + 2.0));
                y += 5.0;
            }
            self.line(line, y, &mut marks);
            y += self.height(line);
        }
        if lines.is_empty() {
            marks.push(Mark::Label(small(
                voice.say("summary_nothing"),
                0.0,
                y + 8.0,
            )));
            y += 20.0;
        }
        Scene {
            width: self.width,
            height: y + 4.0,
            marks,
        }
    }

    fn line(&self, line: &Line, top: f64, marks: &mut Vec<Mark>) {
        let is_stage = matches!(line.role, Role::Stage | Role::Counted);
        let height = self.height(line);
        let (words, bar) = match self.stacked {
            true => (top + 12.0, top + height - if is_stage { 15.0 } else { 8.0 }),
            false => (top + height / 2.0, top + height / 2.0),
        };
        let indent = if is_stage { 0.0 } else { INDENT };
        let nothing = line.number.is_zero();
        let ink = match line.role {
            _ if nothing => theme::MUTED,
            Role::Aside => theme::MUTED,
            _ => theme::INK,
        };
        let label = |text: &str, x: f64| {
            Label::new(text, x, words, SIZE)
                .weighted(is_stage)
                .inked(ink)
        };
        let name = text::fitted(&line.name, SIZE, is_stage, self.name_width - indent);
        let after = indent + measured(&name, SIZE, is_stage) + 10.0;
        marks.push(Mark::Label(label(&name, indent)));
        let [count, share] = self.columns;
        let source = match self.stacked {
            true => (after, self.name_width - after),
            false => (self.source, self.left - self.source - 12.0),
        };
        let text = text::fitted(&line.source, SMALL, false, source.1.max(0.0));
        if !text.is_empty() {
            marks.push(Mark::Label(small(text, source.0, words)));
        }
        marks.push(Mark::Label(label(&line.shown, count).anchored(Anchor::End)));
        if let Some(own) = &line.share {
            let own = label(own, share).anchored(Anchor::End).weighted(false);
            marks.push(Mark::Label(own.inked(theme::MUTED)));
        }
        if !nothing {
            self.bar(line, bar, marks);
        }
    }

    fn bar(&self, line: &Line, y: f64, marks: &mut Vec<Mark>) {
        let half = match line.role {
            Role::Stage | Role::Counted => 7.0,
            Role::Aside => 2.0,
            Role::Loss => 4.0,
        };
        let (left, right) = (
            self.left + line.from.max(0.0) * self.scale,
            self.left + line.to * self.scale,
        );
        // However little it is, it is seen.
        let left = left.min(right - 1.5).max(self.left);
        let right = right.max(left + 1.5);
        let place = (left, y - half, right, y + half);
        match line.role {
            Role::Stage => {
                let (left, top, right, bottom) = place;
                let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
                marks.push(Mark::Area(corners.to_vec(), theme::ACCENT, 0.35));
            }
            Role::Counted => marks.push(Mark::Bar(left, y - half, right, y + half, theme::ACCENT)),
            Role::Aside => marks.push(Mark::Bar(left, y - half, right, y + half, theme::NEUTRAL)),
            Role::Loss => {
                marks.push(Mark::Bar(left, y - half, right, y + half, theme::MUTED));
            }
        }
    }
}

fn summary(lines: &[Line], voice: Voice<'_>) -> String {
    let (Some(first), Some(last)) = (
        lines.first(),
        lines.iter().rfind(|line| line.role == Role::Counted),
    ) else {
        return voice.say("summary_nothing").to_owned() + voice.stop();
    };
    let values = [
        ("step", first.name.as_str()),
        ("n", &first.shown),
        ("counted", &last.shown),
        ("share", last.share.as_deref().unwrap_or("—")),
    ];
    let mut said = vec![voice.fill("funnel_counted", &values)];
    let mut losses: Vec<&Line> = lines
        .iter()
        .filter(|line| line.role == Role::Loss && line.number > Decimal::ZERO)
        .collect();
    losses.sort_by_key(|line| std::cmp::Reverse(line.number));
    let named = |line: &&Line| {
        let number = line.shown.trim_start_matches('−');
        voice.noted(&line.name, number)
    };
    let largest: Vec<String> = losses.iter().take(2).map(named).collect();
    said.push(match largest.is_empty() {
        true => voice.say("funnel_no_losses").to_owned(),
        false => {
            let names: Vec<&str> = largest.iter().map(String::as_str).collect();
            voice.fill("funnel_losses", &[("names", &voice.listed(&names))])
        }
    });
    voice.sentence(&said)
}

#[cfg(test)]
mod tests {
    use super::{Step, lines};
    use crate::presentation::charts::parts::{Voice, count};
    use crate::programme::{Language, Programme};

    #[test]
    fn what_is_lost_stands_where_it_was_lost() {
        let (programme, _) = Programme::parse(&crate::project::built_in());
        let programme = programme.expect("the built-in programme");
        let voice = Voice {
            programme: &programme,
            language: Language::Zh,
        };
        let steps = [
            ("accepted", 100),
            ("started", 90),
            ("not_completed", 30),
            ("completed", 70),
            ("type", 20),
            ("counted", 50),
        ];
        let steps = steps.map(|(step, count)| Step {
            step,
            rule: None,
            clause: None,
            count,
        });
        let places = lines(&steps, voice)
            .iter()
            .map(|line| [line.from, line.to])
            .collect::<Vec<_>>();
        let expected = [[0, 100], [0, 90], [70, 100], [0, 70], [50, 70], [0, 50]];
        assert_eq!(places, expected.map(|ends| ends.map(count)));
    }
}
