//! The SQL that query files may use: one SELECT in the common subset of the engines, checked by a lint for what differs
//! between them without an error (DESIGN §10).

use crate::programme::{Problem, Text};
use sqlparser::ast::{
    BinaryOperator, CastKind, Distinct, Expr, Function, FunctionArguments, GroupByExpr,
    OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Spanned, Statement, TableFactor,
    Value, Visit, Visitor, WindowType, visit_relations,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Span;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// What a query may do with `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// Nothing: facts are exact, and engines divide decimals differently.
    Refused,
    /// Divide doubles by something that is NULL rather than 0.
    Guarded,
}

/// Functions that mean the same in every engine in use.
const FUNCTIONS: [&str; 34] = [
    "ABS",
    "AVG",
    "CEIL",
    "COALESCE",
    "CONCAT",
    "COUNT",
    "DATE",
    "DATE_PART",
    "DENSE_RANK",
    "EXP",
    "FIRST_VALUE",
    "FLOOR",
    "GREATEST",
    "LAG",
    "LEAD",
    "LEAST",
    "LEFT",
    "LENGTH",
    "LN",
    "LOWER",
    "MAX",
    "MIN",
    "MOD",
    "NULLIF",
    "RANK",
    "REPLACE",
    "RIGHT",
    "ROUND",
    "ROW_NUMBER",
    "STARTS_WITH",
    "SUBSTR",
    "SUM",
    "TRIM",
    "UPPER",
];
/// Functions that sum up a window; with ORDER BY their default frame differs.
const FRAMED: [&str; 5] = ["AVG", "COUNT", "MAX", "MIN", "SUM"];

/// The one SELECT that `source` holds from byte `start` on, where it keeps to the common subset; every mistake is a problem of
/// `file` with its line.
pub fn select(
    file: &str,
    source: &str,
    start: usize,
    division: Division,
    problems: &mut Vec<Problem>,
) -> Option<Query> {
    let (before, sql) = source.split_at(start);
    // As many line breaks as stand before it, so that the parser's lines are those of the file.
    let lines = before.matches('\n').count();
    let padded = ["\n".repeat(lines).as_str(), sql].concat();
    let mut report = |line: Option<usize>, zh: String, en: String| {
        problems.push(Problem {
            file: file.to_owned(),
            line,
            message: Text::new(zh, en),
        });
    };
    let statements = match Parser::parse_sql(&GenericDialect {}, &padded) {
        Ok(statements) => statements,
        Err(error) => {
            let line = line_of_error(&error.to_string());
            report(
                line,
                format!("SQL 无法读取: {error}"),
                format!("the SQL cannot be read: {error}"),
            );
            return None;
        }
    };
    let query = match &statements[..] {
        [Statement::Query(query)] if matches!(*query.body, SetExpr::Select(_)) => query,
        [_] => {
            report(
                Some(lines + 1),
                "应为一条 SELECT 语句".into(),
                "it must be a SELECT statement".into(),
            );
            return None;
        }
        _ => {
            report(
                Some(lines + 1),
                format!("应只有一条 SELECT 语句，实有 {} 条", statements.len()),
                format!(
                    "there must be exactly one SELECT statement, not {}",
                    statements.len()
                ),
            );
            return None;
        }
    };
    let mut lint = Lint {
        division,
        found: Vec::new(),
    };
    lint.outermost(query);
    let _: ControlFlow<()> = query.visit(&mut lint);
    let clean = lint.found.is_empty();
    for Found { span, zh, en } in lint.found {
        let line = usize::try_from(span.start.line)
            .ok()
            .filter(|line| *line > 0);
        report(line.or(Some(lines + 1)), zh, en);
    }
    clean.then(|| (**query).clone())
}

/// Tables a query reads, without the names its own WITH gives.
pub fn relations(query: &Query) -> BTreeSet<String> {
    let own: BTreeSet<String> = query
        .with
        .iter()
        .flat_map(|with| &with.cte_tables)
        .map(|cte| cte.alias.name.value.clone())
        .collect();
    let mut found = BTreeSet::new();
    let _: ControlFlow<()> = visit_relations(query, |relation| {
        let name = relation.to_string();
        if !own.contains(&name) {
            found.insert(name);
        }
        ControlFlow::Continue(())
    });
    found
}

/// Whether a query looks at one record of `tables` at a time, so that its rows over a whole table are those over its parts
/// together: one table (beside one-row tables), no grouping, windows, subqueries, repetitions left out.
pub fn one_record_at_a_time(query: &Query, tables: &BTreeSet<String>, one_row: &[&str]) -> bool {
    struct Whole(bool);
    impl Visitor for Whole {
        type Break = ();

        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
            self.0 |= match expression {
                Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::Subquery(_) => true,
                Expr::Function(function) => {
                    let name = function.name.to_string().to_uppercase();
                    function.over.is_some() || FRAMED.contains(&name.as_str())
                }
                _ => false,
            };
            ControlFlow::Continue(())
        }
    }
    let SetExpr::Select(select) = &*query.body else {
        return false;
    };
    let listed = tables
        .iter()
        .filter(|table| !one_row.contains(&table.as_str()))
        .count();
    let plain = query.with.is_none()
        && select.distinct.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let factors = select.from.iter().flat_map(|from| {
        std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))
    });
    let factors: Vec<&TableFactor> = factors.collect();
    let whole_tables = factors
        .iter()
        .all(|factor| matches!(factor, TableFactor::Table { .. }));
    let mut looks = Whole(false);
    let _: ControlFlow<()> = query.visit(&mut looks);
    plain && whole_tables && listed == 1 && factors.len() == tables.len() && !looks.0
}

/// The line in "… at Line: 12, Column: 5".
fn line_of_error(message: &str) -> Option<usize> {
    let (_, rest) = message.rsplit_once("Line: ")?;
    rest.split(',').next()?.trim().parse().ok()
}

struct Found {
    span: Span,
    zh: String,
    en: String,
}

struct Lint {
    division: Division,
    found: Vec<Found>,
}

impl Lint {
    fn tell(&mut self, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        self.found.push(Found {
            span,
            zh: zh.into(),
            en: en.into(),
        });
    }

    /// What holds for the outermost SELECT only: every column has one name, and nothing cuts rows off.
    fn outermost(&mut self, query: &Query) {
        let SetExpr::Select(select) = &*query.body else {
            return;
        };
        let mut names = BTreeSet::new();
        for item in &select.projection {
            let name = match item {
                SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
                SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.value.clone()),
                SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => {
                    names.last().map(|name| name.value.clone())
                }
                _ => None,
            };
            match name {
                None => self.tell(
                    item.span(),
                    format!("{item} 应写明列名 (AS …)，不用 *"),
                    format!("{item} needs a name (AS …); * is not allowed here"),
                ),
                Some(name) if !names.insert(name.clone()) => {
                    self.tell(
                        item.span(),
                        format!("列 {name} 出现两次"),
                        format!("the column {name} stands twice"),
                    );
                }
                Some(_) => {}
            }
        }
        if query.limit_clause.is_some() || query.fetch.is_some() || select.top.is_some() {
            self.tell(
                query.span(),
                "不得用 LIMIT、OFFSET、FETCH 或 TOP 截断记录",
                "rows must not be cut off by LIMIT, OFFSET, FETCH or TOP",
            );
        }
    }

    fn order(&mut self, order: &[OrderByExpr]) {
        for by in order.iter().filter(|by| by.options.nulls_first.is_none()) {
            self.tell(
                by.span(),
                format!("ORDER BY {by} 应写明 NULLS LAST 或 NULLS FIRST (各引擎默认不同)"),
                format!("ORDER BY {by} must say NULLS LAST or NULLS FIRST (engines differ)"),
            );
        }
    }

    fn function(&mut self, function: &Function) {
        let name = function.name.to_string().to_uppercase();
        if !FUNCTIONS.contains(&name.as_str()) {
            let known = FUNCTIONS.join(", ");
            self.tell(
                function.span(),
                format!("函数 {name} 不在各引擎通用的范围内；可用: {known}"),
                format!("the function {name} is not in the common subset; valid: {known}"),
            );
        }
        let Some(WindowType::WindowSpec(window)) = &function.over else {
            if function.over.is_some() {
                self.tell(
                    function.span(),
                    "窗口应直接写在 OVER (…) 中",
                    "write the window inside OVER (…)",
                );
            }
            return;
        };
        self.order(&window.order_by);
        if FRAMED.contains(&name.as_str()) && !window.order_by.is_empty() {
            self.tell(
                function.span(),
                format!("{name} OVER (… ORDER BY …) 的默认范围各引擎不同，不得使用"),
                format!(
                    "{name} OVER (… ORDER BY …) covers other rows in other engines; do not use it"
                ),
            );
        }
    }

    fn divided(&mut self, whole: &Expr, left: &Expr, right: &Expr) {
        if self.division == Division::Refused {
            self.tell(
                whole.span(),
                "事实查询不得做除法；比率请分别给出 numerator 和 denominator",
                "facts must not divide; a ratio gives its numerator and denominator",
            );
            return;
        }
        let bare = |expression: &Expr| match expression {
            Expr::Nested(inner) => (**inner).clone(),
            other => other.clone(),
        };
        let never_zero = match bare(right) {
            Expr::Function(function) => function.name.to_string().eq_ignore_ascii_case("NULLIF"),
            Expr::Value(value) => {
                matches!(&value.value, Value::Number(number, _) if number.parse::<f64>() != Ok(0.0))
            }
            _ => false,
        };
        let double = matches!(bare(left), Expr::Cast { kind: CastKind::Cast, data_type, .. } if data_type.to_string().starts_with("DOUBLE"));
        if !never_zero {
            self.tell(
                whole.span(),
                format!("{whole}: 除数应写作 NULLIF(…, 0)"),
                format!("{whole}: write the divisor as NULLIF(…, 0)"),
            );
        }
        if !double {
            self.tell(
                whole.span(),
                format!("{whole}: 被除数应写作 CAST(… AS DOUBLE) (小数相除各引擎不同)"),
                format!("{whole}: write the dividend as CAST(… AS DOUBLE) (engines divide decimals differently)"),
            );
        }
    }
}

impl Visitor for Lint {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        match query.order_by.as_ref().map(|order| &order.kind) {
            Some(OrderByKind::Expressions(order)) => self.order(order),
            Some(OrderByKind::All(_)) => self.tell(
                query.span(),
                "不得用 ORDER BY ALL",
                "do not use ORDER BY ALL",
            ),
            None => {}
        }
        if !query.locks.is_empty() || query.for_clause.is_some() || !query.pipe_operators.is_empty()
        {
            self.tell(
                query.span(),
                "只可用普通的 SELECT",
                "only a plain SELECT is allowed",
            );
        }
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            self.tell(
                query.span(),
                "不得用 WITH RECURSIVE",
                "do not use WITH RECURSIVE",
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let grouped = match &select.group_by {
            GroupByExpr::All(_) => false,
            GroupByExpr::Expressions(expressions, modifiers) => {
                modifiers.is_empty()
                    && !expressions.iter().any(|expression| {
                        matches!(
                            expression,
                            Expr::Rollup(_) | Expr::Cube(_) | Expr::GroupingSets(_)
                        )
                    })
            }
        };
        if !grouped {
            self.tell(
                select.span(),
                "GROUP BY 应列出各列，不用 ALL、ROLLUP、CUBE、GROUPING SETS",
                "GROUP BY lists columns; no ALL, ROLLUP, CUBE or GROUPING SETS",
            );
        }
        let unusual = select.qualify.is_some()
            || matches!(select.distinct, Some(Distinct::On(_)))
            || select.into.is_some()
            || select.prewhere.is_some()
            || !select.lateral_views.is_empty()
            || !select.named_window.is_empty();
        if unusual {
            self.tell(
                select.span(),
                "不得用 QUALIFY、DISTINCT ON、INTO、PREWHERE、LATERAL VIEW、WINDOW (改用子查询)",
                "no QUALIFY, DISTINCT ON, INTO, PREWHERE, LATERAL VIEW or WINDOW (use a subquery)",
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let plain = match factor {
            TableFactor::Table {
                args,
                version,
                sample,
                ..
            } => args.is_none() && version.is_none() && sample.is_none(),
            TableFactor::Derived {
                lateral, sample, ..
            } => !lateral && sample.is_none(),
            TableFactor::NestedJoin { .. } => true,
            _ => false,
        };
        if !plain {
            self.tell(
                factor.span(),
                format!("{factor}: 只可读取发布表和子查询"),
                format!("{factor}: only published tables and subqueries can be read"),
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Function(function) => {
                self.function(function);
                if matches!(function.args, FunctionArguments::Subquery(_))
                    || !function.within_group.is_empty()
                {
                    self.tell(
                        function.span(),
                        "不得用 WITHIN GROUP 或子查询作参数",
                        "no WITHIN GROUP and no subquery as an argument",
                    );
                }
            }
            Expr::Subquery(_) => self.tell(
                expression.span(),
                "不得用标量子查询；改用一行的 WITH 加 CROSS JOIN",
                "no scalar subquery; use a one-row WITH and CROSS JOIN",
            ),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Divide,
                right,
            } => self.divided(expression, left, right),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lint(sql: &str, division: Division) -> Vec<String> {
        let source = format!("/*\nid = \"x\"\n*/\n{sql}");
        let mut problems = Vec::new();
        let start = source.find("*/").unwrap() + 2;
        let query = select("x.sql", &source, start, division, &mut problems);
        assert_eq!(query.is_none(), !problems.is_empty());
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_common_subset_passes() {
        for sql in [
            "SELECT end_date AS date, t.division, 1 AS value FROM training AS t WHERE counted AND (level = 'L3' OR level IN ('L2'))",
            "SELECT issued_on AS date, 1 AS value FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY person ORDER BY issued_on NULLS LAST, record_no NULLS LAST) AS nth FROM certificates) AS c WHERE nth = 1",
            "WITH a AS (SELECT COUNT(*) AS n, division FROM training GROUP BY division) SELECT division, n FROM a CROSS JOIN snapshot WHERE EXISTS (SELECT 1 AS one FROM funds)",
        ] {
            assert_eq!(lint(sql, Division::Refused), Vec::<String>::new(), "{sql}");
        }
        let guarded = "SELECT a, CAST(b AS DOUBLE) / NULLIF(c, 0) AS d FROM t";
        assert_eq!(lint(guarded, Division::Guarded), Vec::<String>::new());
    }

    #[test]
    fn what_differs_in_silence_is_a_problem_with_its_line() {
        for (sql, line, word) in [
            ("SELECT a,\n  b + 1\nFROM t", 5, "needs a name"),
            ("SELECT a AS x, b AS x FROM t", 4, "stands twice"),
            ("SELECT *\nFROM t", 4, "not allowed here"),
            ("SELECT a FROM t LIMIT 5", 4, "cut off"),
            ("SELECT a\nFROM t\nORDER BY a", 6, "NULLS LAST"),
            (
                "SELECT a,\n\nSUM(b) OVER (ORDER BY a NULLS LAST) AS c FROM t",
                6,
                "other engines",
            ),
            ("SELECT DATE_TRUNC('month', d) AS m FROM t", 4, "DATE_TRUNC"),
            (
                "SELECT a FROM t WHERE b >\n (SELECT MAX(b) AS m FROM t)",
                5,
                "scalar subquery",
            ),
            (
                "SELECT a FROM read_parquet('/etc/passwd')",
                4,
                "published tables",
            ),
            ("SELECT a FROM t GROUP BY ROLLUP (a)", 4, "ROLLUP"),
            ("SELECT a / b AS c FROM t", 4, "must not divide"),
        ] {
            let found = lint(sql, Division::Refused);
            assert_eq!(found.len(), 1, "{sql}: {found:#?}");
            assert!(
                found[0].starts_with(&format!("x.sql:{line}: ")),
                "{sql}: {}",
                found[0]
            );
            assert!(found[0].contains(word), "{sql}: {}", found[0]);
        }
    }

    #[test]
    fn a_guarded_division_is_of_doubles_and_never_by_zero() {
        assert_eq!(lint("SELECT a / b AS c FROM t", Division::Guarded).len(), 2);
        assert_eq!(
            lint(
                "SELECT CAST(a AS DOUBLE) / b AS c FROM t",
                Division::Guarded
            )
            .len(),
            1
        );
        assert_eq!(
            lint(
                "SELECT CAST(a AS DOUBLE) / 2 AS c FROM t",
                Division::Guarded
            )
            .len(),
            0
        );
    }

    #[test]
    fn anything_but_one_select_is_refused() {
        for sql in [
            "SELECT 1 AS a; SELECT 2 AS a",
            "DELETE FROM t",
            "SELECT a FROM t UNION ALL SELECT a FROM u",
            "SELEC a",
            "",
        ] {
            let found = lint(sql, Division::Refused);
            assert_eq!(found.len(), 1, "{sql}: {found:#?}");
            assert!(
                found[0].starts_with("x.sql:4: ") || found[0].starts_with("x.sql:3: "),
                "{sql}: {}",
                found[0]
            );
        }
    }
}
