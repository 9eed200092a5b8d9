//! What stands after FROM.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias,
    TableAliasColumnDef, TableFactor, TableWithJoins,
};

use super::{MAX_SCANS, Printer, bad, folded, none_of, parts, quoted, refused, too_much};
use crate::Result;

impl Printer {
    pub(super) fn table_with_joins(&mut self, table: &TableWithJoins) -> Result<()> {
        self.table(&table.relation)?;
        table.joins.iter().try_for_each(|join| self.join(join))
    }

    fn join(&mut self, join: &Join) -> Result<()> {
        none_of(join.global, "GLOBAL JOIN")?;
        let (kind, constraint) = match &join.join_operator {
            // SQLite's own CROSS JOIN fixes the order of the tables.
            JoinOperator::Join(it) | JoinOperator::Inner(it) | JoinOperator::CrossJoin(it) => ("JOIN", it),
            JoinOperator::Left(it) | JoinOperator::LeftOuter(it) => ("LEFT JOIN", it),
            JoinOperator::Right(it) | JoinOperator::RightOuter(it) => ("RIGHT JOIN", it),
            JoinOperator::FullOuter(it) => ("FULL JOIN", it),
            _ => return Err(refused(join)),
        };
        let is_natural = matches!(constraint, JoinConstraint::Natural);
        self.mentions_all |= is_natural;
        self.push(if is_natural { " NATURAL " } else { " " });
        self.push(kind);
        self.push(" ");
        self.table(&join.relation)?;
        match constraint {
            JoinConstraint::On(condition) => {
                self.push(" ON ");
                self.condition(condition)
            }
            JoinConstraint::Using(columns) => {
                self.push(" USING (");
                self.list(columns, |this, column| {
                    let [column] = parts(column)?[..] else { return Err(refused(column)) };
                    let column = this.name(column);
                    this.push(&column);
                    Ok(())
                })?;
                self.push(")");
                Ok(())
            }
            JoinConstraint::Natural | JoinConstraint::None => Ok(()),
        }
    }

    fn table(&mut self, table: &TableFactor) -> Result<()> {
        match table {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => match args {
                Some(args) if args.settings.is_none() => self.function_table(name, &args.args, alias.as_ref()),
                Some(_) => Err(refused(table)),
                None => self.named_table(name, alias.as_ref()),
            },
            TableFactor::Function { lateral: _, name, args, with_ordinality: false, alias } => {
                self.function_table(name, args, alias.as_ref())
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset: false,
                with_offset_alias: None,
                with_ordinality: false,
            } => match &array_exprs[..] {
                [array] => self.rows_of("unnest", array, alias.as_ref()),
                _ => Err(refused(table)),
            },
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let query = self.captured(|this| this.query(subquery))?;
                let alias = alias.as_ref().ok_or_else(|| bad("a subquery in FROM needs an alias"))?;
                self.aliased(&format!("({query})"), &query, alias)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                self.push("(");
                self.table_with_joins(table_with_joins)?;
                self.push(")");
                Ok(())
            }
            other => Err(refused(other)),
        }
    }

    fn named_table(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Result<()> {
        let parts = parts(name)?;
        let names: Vec<String> = parts.iter().map(|part| folded(part)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let source = match &names[..] {
            [name] if self.tables.iter().flatten().any(|known| known == name) => quoted(name),
            // A name with its schema never means a table that WITH made.
            ["streams"] | ["public", "streams"] => {
                self.scans += 1;
                if self.scans > MAX_SCANS {
                    return Err(too_much(format!("a statement reads streams at most {MAX_SCANS} times")));
                }
                "main.streams".to_owned()
            }
            _ => return Err(bad(format!("relation \"{name}\" does not exist; there is only streams"))),
        };
        match (alias, parts.last()) {
            (Some(alias), _) => self.aliased(&source, &format!("SELECT * FROM {source}"), alias),
            (None, Some(name)) => {
                self.push(&format!("{source} AS "));
                self.known_as(name);
                Ok(())
            }
            (None, None) => Err(refused(name)),
        }
    }

    /// A table under another name. Where the alias names the columns too, the table is read by `query` in a WITH: only
    /// there does SQLite know such lists.
    fn aliased(&mut self, source: &str, query: &str, alias: &TableAlias) -> Result<()> {
        none_of(alias.at.is_some(), "AT")?;
        if alias.columns.is_empty() {
            self.push(&format!("{source} AS "));
        } else {
            self.mentions_all = true;
            self.push("(WITH \"renamed\"");
            self.column_names(&alias.columns)?;
            self.push(&format!(" AS ({query}) SELECT * FROM \"renamed\") AS "));
        }
        self.known_as(&alias.name);
        Ok(())
    }

    /// The name by which the table is known from here on.
    fn known_as(&mut self, name: &Ident) {
        let name = self.name(name);
        self.push(&name);
        self.scope().wildcard.push(format!("{name}.*"));
    }

    pub(super) fn column_names(&mut self, columns: &[TableAliasColumnDef]) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        self.push(" (");
        self.list(columns, |this, column| {
            none_of(column.data_type.is_some(), "a type in a list of columns")?;
            let name = this.name(&column.name);
            this.push(&name);
            Ok(())
        })?;
        self.push(")");
        Ok(())
    }

    fn function_table(&mut self, name: &ObjectName, args: &[FunctionArg], alias: Option<&TableAlias>) -> Result<()> {
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] = args else { return Err(refused(name)) };
        self.rows_of(&name.to_string().to_lowercase(), argument, alias)
    }

    /// A function that returns rows: `json_each` over the same pairs or items.
    fn rows_of(&mut self, function: &str, argument: &Expr, alias: Option<&TableAlias>) -> Result<()> {
        let columns: &[&str] = match function {
            "skeys" => &["key"],
            "svals" | "unnest" => &["value"],
            "each" => &["key", "value"],
            _ => return Err(refused(format!("{function}() in FROM"))),
        };
        let table = alias.map_or_else(|| function.to_owned(), |alias| folded(&alias.name));
        // What PostgreSQL calls the columns: what the alias lists, or the table's name if there is but one.
        let listed: Vec<String> = alias.iter().flat_map(|it| &it.columns).map(|it| folded(&it.name)).collect();
        let shown = |index: usize, column: &str| match listed.get(index) {
            Some(name) => name.clone(),
            None if columns.len() == 1 => table.clone(),
            None => column.to_owned(),
        };
        let reader = if function == "unnest" { "pg_items" } else { "pg_pairs" };
        self.push("json_each(");
        self.call(reader, &[argument])?;
        self.push(&format!(") AS {}", quoted(&table)));
        for (index, column) in columns.iter().enumerate() {
            let (shown, actual) = (shown(index, column), format!("{}.{}", quoted(&table), quoted(column)));
            let scope = self.scope();
            scope.has_functions = true;
            scope.wildcard.push(format!("{actual} AS {}", quoted(&shown)));
            scope.renamed.insert(format!("{table}.{shown}"), actual.clone());
            scope.renamed.insert(shown, actual);
        }
        Ok(())
    }
}
