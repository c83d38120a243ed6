//! Parameters of a rule: named constants of its header that stand in its SQL as `:name`, put into the tree as literals.

use super::super::compose::day_literal;
use crate::programme::{Problem, Text};
use sqlparser::ast::{Expr, Query, Value, VisitMut, VisitorMut};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Parameters by name, as the header gives them.
pub(super) type Given = BTreeMap<String, toml::Value>;

/// Puts the parameters into the query. Names nobody gave or nobody uses, and values that are no constant of SQL, are problems.
pub(super) fn fill(
    query: &mut Query,
    given: &Given,
    file: &str,
    source: &str,
    problems: &mut Vec<Problem>,
) {
    let mut values = BTreeMap::new();
    for (name, value) in given {
        match literals(value) {
            Some(literals) => {
                values.insert(name.clone(), literals);
            }
            None => {
                let message = Text::new(
                    format!("参数 {name} 应为整数、文字、日期，或文字、整数的列表"),
                    format!(
                        "the parameter {name} must be a whole number, a text, a day, or a list of texts or whole numbers"
                    ),
                );
                problems.push(Problem::at(file, source, &format!("{name} ="), message));
            }
        }
    }
    let mut filling = Filling {
        values: &values,
        used: BTreeSet::new(),
        faults: Vec::new(),
    };
    let _: ControlFlow<()> = query.visit(&mut filling);
    let (used, faults) = (filling.used, filling.faults);
    for (name, message) in faults.into_iter().filter(|(name, _)| {
        // What cannot be a constant was told above.
        values.contains_key(name) || !given.contains_key(name)
    }) {
        problems.push(Problem::at(file, source, &format!(":{name}"), message));
    }
    for name in given.keys().filter(|name| !used.contains(*name)) {
        let message = Text::new(
            format!("参数 {name} 没有用到"),
            format!("the parameter {name} is not used"),
        );
        problems.push(Problem::at(file, source, &format!("{name} ="), message));
    }
}

/// The constants of a value: one, or those of a list.
fn literals(value: &toml::Value) -> Option<Literals> {
    let one = |value: &toml::Value| -> Option<Expr> {
        match value {
            toml::Value::Integer(number) => {
                Some(Expr::Value(Value::Number(number.to_string(), false).into()))
            }
            toml::Value::String(text) => {
                Some(Expr::Value(Value::SingleQuotedString(text.clone()).into()))
            }
            toml::Value::Datetime(day) => Some(day_literal(day.to_string().parse().ok()?)),
            _ => None,
        }
    };
    match value {
        toml::Value::Array(list) if !list.is_empty() => {
            Some(Literals::List(list.iter().map(one).collect::<Option<_>>()?))
        }
        other => one(other).map(Box::new).map(Literals::One),
    }
}

enum Literals {
    One(Box<Expr>),
    List(Vec<Expr>),
}

struct Filling<'a> {
    values: &'a BTreeMap<String, Literals>,
    used: BTreeSet<String>,
    faults: Vec<(String, Text)>,
}

fn placeholder(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => Some(name.trim_start_matches([':', '$', '?']).to_owned()),
            _ => None,
        },
        _ => None,
    }
}

impl VisitorMut for Filling<'_> {
    type Break = ();

    /// A list is put in where it stands alone in `IN (:list)`; everything else takes one constant.
    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::InList { list, .. } = expression
            && let [only] = &list[..]
            && let Some(name) = placeholder(only)
            && let Some(Literals::List(values)) = self.values.get(&name)
        {
            self.used.insert(name);
            list.clone_from(values);
            return ControlFlow::Continue(());
        }
        let Some(name) = placeholder(expression) else {
            return ControlFlow::Continue(());
        };
        match self.values.get(&name) {
            Some(Literals::One(value)) => *expression = (**value).clone(),
            Some(Literals::List(_)) => {
                let message = Text::new(
                    format!("参数 {name} 是列表，只可写作 IN (:{name})"),
                    format!("the parameter {name} is a list: write IN (:{name})"),
                );
                self.faults.push((name.clone(), message));
            }
            None => {
                let known: Vec<&str> = self.values.keys().map(String::as_str).collect();
                let known = known.join(", ");
                let message = Text::new(
                    format!("没有参数 {name}；可用: {known}"),
                    format!("there is no parameter {name}; known: {known}"),
                );
                self.faults.push((name.clone(), message));
            }
        }
        self.used.insert(name);
        ControlFlow::Continue(())
    }
}
