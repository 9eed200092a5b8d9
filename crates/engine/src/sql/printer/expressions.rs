//! Expressions: as values, and as conditions.

use sqlparser::ast::{AccessExpr, BinaryOperator as Op, Expr, Ident, ObjectName, UnaryOperator, Value};

use super::{
    Printer, bad, folded,
    kinds::{is_comparison, is_condition, is_number, is_untyped, is_uuid},
    none_of, quoted, refused, string,
};
use crate::Result;

impl Printer {
    /// An expression whose value is shown, compared or passed on; true and false stay what they are.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<()> {
        if is_condition(expr) {
            return self.wrapped("pg_bool", |this| this.expr(expr));
        }
        self.expr(expr)
    }

    /// An expression that is true, false or null.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<()> {
        self.expr(expr)
    }

    pub(super) fn wrapped(&mut self, function: &str, print: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.push(&format!("{function}("));
        print(self)?;
        self.push(")");
        Ok(())
    }

    /// A call of a function of ours.
    pub(super) fn call(&mut self, function: &str, args: &[&Expr]) -> Result<()> {
        self.wrapped(function, |this| this.list(args, |this, arg| this.value(arg)))
    }

    fn expr(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Identifier(name) => {
                self.column_name(&[name]);
                Ok(())
            }
            Expr::CompoundIdentifier(names) => {
                let names: Vec<&Ident> = names.iter().collect();
                self.qualified(&names)
            }
            Expr::Nested(inner) => self.wrapped("", |this| this.expr(inner)),
            Expr::Value(value) => self.literal(&value.value),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => self.postfix(inner, "IS NULL"),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => self.postfix(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => self.postfix(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => self.postfix(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => self.postfix(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => self.postfix(inner, "IS NOT FALSE"),
            Expr::IsDistinctFrom(left, right) => self.compared(left, "IS NOT", right),
            Expr::IsNotDistinctFrom(left, right) => self.compared(left, "IS", right),
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Expr::InSubquery { expr, subquery, negated } => {
                self.push("(");
                self.value(expr)?;
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.query(subquery)?;
                self.push("))");
                Ok(())
            }
            Expr::Between { expr, negated, low, high } => {
                self.push("(");
                self.beside(expr, low)?;
                self.push(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.beside(low, expr)?;
                self.push(" AND ");
                self.beside(high, expr)?;
                self.push(")");
                Ok(())
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like("pg_like", *negated, expr, pattern, escape_char.as_deref())
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like("pg_ilike", *negated, expr, pattern, escape_char.as_deref())
            }
            Expr::AnyOp { left, compare_op: Op::Eq, right, .. } => self.any(left, "IN", right),
            Expr::AllOp { left, compare_op: Op::NotEq, right } => self.any(left, "NOT IN", right),
            Expr::Exists { subquery, negated } => {
                self.push(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.query(subquery)?;
                self.push(")");
                Ok(())
            }
            Expr::Subquery(query) => self.wrapped("", |this| this.query(query)),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.push("CASE");
                if let Some(operand) = operand {
                    self.push(" ");
                    self.value(operand)?;
                }
                for case in conditions {
                    self.push(" WHEN ");
                    match operand {
                        Some(operand) => self.beside(&case.condition, operand)?,
                        None => self.condition(&case.condition)?,
                    }
                    self.push(" THEN ");
                    self.value(&case.result)?;
                }
                if let Some(otherwise) = else_result {
                    self.push(" ELSE ");
                    self.value(otherwise)?;
                }
                self.push(" END");
                Ok(())
            }
            Expr::Tuple(items) => self.wrapped("", |this| this.list(items, Self::value)),
            Expr::Array(array) => self.wrapped("pg_array_of", |this| this.list(&array.elem, Self::value)),
            Expr::Collate { expr, collation } => {
                let known = ["c", "posix", "default", "ucs_basic"];
                none_of(!known.contains(&collation_name(collation).as_str()), "COLLATE other than \"C\"")?;
                self.expr(expr)
            }
            // (each(annotations)).key
            Expr::CompoundFieldAccess { root, access_chain } => match &access_chain[..] {
                [AccessExpr::Dot(Expr::Identifier(field))] => self.field_of_each(root, field),
                _ => Err(refused(expr)),
            },
            other => self.function_like(other),
        }
    }

    fn column_name(&mut self, names: &[&Ident]) {
        let key: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let key = key.join(".");
        let renamed = self.scopes.iter().rev().find_map(|scope| scope.renamed.get(&key).cloned());
        let printed: Vec<String> = names.iter().map(|name| self.name(name)).collect();
        self.push(&renamed.unwrap_or_else(|| printed.join(".")));
    }

    /// `table.column`, and `public.streams.column`.
    fn qualified(&mut self, names: &[&Ident]) -> Result<()> {
        let Some((column, table)) = names.split_last() else { return Err(refused("a name without parts")) };
        Self::qualifier(table)?;
        let Some(table) = table.last() else { return Err(refused(column)) };
        self.column_name(&[table, column]);
        Ok(())
    }

    /// The table that a column or `*` is qualified with, in quotes.
    pub(super) fn qualifier(names: &[&Ident]) -> Result<String> {
        match names {
            [table] => Ok(quoted(&folded(table))),
            [schema, table] if folded(schema) == "public" => Ok(quoted(&folded(table))),
            _ => Err(bad("a column is named with its table at most, as in streams.name")),
        }
    }

    fn literal(&mut self, value: &Value) -> Result<()> {
        let printed = match value {
            Value::Number(digits, false) if digits.bytes().all(|it| it.is_ascii_digit() || b".eE+-".contains(&it)) => {
                digits.clone()
            }
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => string(text),
            Value::DollarQuotedString(text) => string(&text.value),
            // See `value`: a number where a condition stands.
            Value::Boolean(true) => "x'3174'".to_owned(),
            Value::Boolean(false) => "x'3066'".to_owned(),
            Value::Null => "NULL".to_owned(),
            Value::Placeholder(name) => {
                let number = name.strip_prefix('$').and_then(|digits| digits.parse::<u16>().ok());
                let number =
                    number.filter(|it| *it > 0).ok_or_else(|| bad(format!("{name} is no parameter like $1")))?;
                self.params = self.params.max(number.into());
                format!("?{number}")
            }
            other => return Err(refused(other)),
        };
        self.push(&printed);
        Ok(())
    }

    fn postfix(&mut self, expr: &Expr, test: &str) -> Result<()> {
        self.wrapped("", |this| {
            this.value(expr)?;
            this.push(&format!(" {test}"));
            Ok(())
        })
    }

    fn unary(&mut self, op: UnaryOperator, expr: &Expr) -> Result<()> {
        // The space keeps two minuses from becoming a comment.
        let sign = match op {
            UnaryOperator::Plus => "+ ",
            UnaryOperator::Minus => "- ",
            UnaryOperator::Not => "NOT ",
            other => return Err(refused(other)),
        };
        self.wrapped("", |this| {
            this.push(sign);
            this.expr(expr)
        })
    }

    fn binary(&mut self, left: &Expr, op: &Op, right: &Expr) -> Result<()> {
        let (function, is_negated) = match op {
            Op::And => return self.joined(left, "AND", right),
            Op::Or => return self.joined(left, "OR", right),
            Op::NotEq => return self.compared(left, "<>", right),
            op if is_comparison(op) => return self.compared(left, &op.to_string(), right),
            Op::Minus if !is_number(left) && !is_number(right) => ("pg_minus", false),
            Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo => {
                return self.joined(left, &op.to_string(), right);
            }
            Op::StringConcat => ("pg_concat", false),
            Op::Arrow => ("pg_get", false),
            Op::LongArrow => ("pg_get_text", false),
            Op::Question => ("pg_exist", false),
            Op::QuestionAnd => ("pg_exist_all", false),
            Op::QuestionPipe => ("pg_exist_any", false),
            Op::AtArrow => ("pg_contains", false),
            Op::ArrowAt => return self.call("pg_contains", &[right, left]),
            Op::PGRegexMatch => ("pg_regex", false),
            Op::PGRegexNotMatch => ("pg_regex", true),
            Op::PGRegexIMatch => ("pg_iregex", false),
            Op::PGRegexNotIMatch => ("pg_iregex", true),
            Op::PGLikeMatch => ("pg_like", false),
            Op::PGNotLikeMatch => ("pg_like", true),
            Op::PGILikeMatch => ("pg_ilike", false),
            Op::PGNotILikeMatch => ("pg_ilike", true),
            Op::PGStartsWith => ("pg_starts_with", false),
            other => return Err(refused(other)),
        };
        if is_negated {
            return self.wrapped("pg_not", |this| this.call(function, &[left, right]));
        }
        self.call(function, &[left, right])
    }

    fn joined(&mut self, left: &Expr, op: &str, right: &Expr) -> Result<()> {
        self.wrapped("", |this| {
            this.expr(left)?;
            this.push(&format!(" {op} "));
            this.expr(right)
        })
    }

    fn compared(&mut self, left: &Expr, op: &str, right: &Expr) -> Result<()> {
        self.wrapped("", |this| {
            this.beside(left, right)?;
            this.push(&format!(" {op} "));
            this.beside(right, left)
        })
    }

    /// A value that PostgreSQL reads as the kind of its neighbour.
    fn beside(&mut self, expr: &Expr, neighbour: &Expr) -> Result<()> {
        match expr {
            expr if is_untyped(expr) && is_number(neighbour) => self.call("pg_number", &[expr]),
            expr if is_untyped(expr) && is_uuid(neighbour) => self.call("pg_uuid", &[expr]),
            expr => self.value(expr),
        }
    }

    fn in_list(&mut self, expr: &Expr, list: &[Expr], is_negated: bool) -> Result<()> {
        self.wrapped("", |this| {
            this.value(expr)?;
            this.push(if is_negated { " NOT IN (" } else { " IN (" });
            if list.iter().any(|item| matches!(item, Expr::Tuple(_))) {
                this.push("VALUES ");
            }
            this.list(list, |this, item| this.beside(item, expr))?;
            this.push(")");
            Ok(())
        })
    }

    fn like(
        &mut self,
        function: &str,
        is_negated: bool,
        expr: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
    ) -> Result<()> {
        let args: Vec<&Expr> = [expr, pattern].into_iter().chain(escape).collect();
        if is_negated {
            return self.wrapped("pg_not", |this| this.call(function, &args));
        }
        self.call(function, &args)
    }

    /// `= ANY (…)` and `<> ALL (…)`, of a subquery or an array.
    fn any(&mut self, left: &Expr, op: &str, right: &Expr) -> Result<()> {
        let right = match right {
            Expr::Nested(inner) => inner,
            other => other,
        };
        self.wrapped("", |this| {
            this.value(left)?;
            this.push(&format!(" {op} ("));
            if let Expr::Subquery(query) = right {
                this.query(query)?;
            } else {
                let items = if is_uuid(left) { "pg_uuids" } else { "pg_items" };
                this.push("SELECT value FROM json_each(");
                this.call(items, &[right])?;
                this.push(")");
            }
            this.push(")");
            Ok(())
        })
    }
}

fn collation_name(name: &ObjectName) -> String {
    name.to_string().trim_matches('"').to_lowercase()
}
