//! Queries: WITH, SELECT, UNION and the like, ORDER BY, LIMIT.

use sqlparser::ast::{
    CteAsMaterialized, Distinct, Expr, Fetch, GroupByExpr, LimitClause, NamedWindowDefinition, NamedWindowExpr,
    OrderBy, OrderByExpr, OrderByKind, OrderBySort, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier, Value, With,
};

use super::{Printer, Scope, folded, names, none_of, quoted, refused};
use crate::Result;

impl Printer {
    pub(super) fn query(&mut self, query: &Query) -> Result<()> {
        none_of(!query.locks.is_empty() || query.for_clause.is_some(), "FOR")?;
        none_of(query.settings.is_some() || query.format_clause.is_some(), "SETTINGS and FORMAT")?;
        none_of(!query.pipe_operators.is_empty(), "|>")?;
        self.tables.push(Vec::new());
        if let Some(with) = &query.with {
            self.with(with)?;
        }
        self.body(&query.body)?;
        if let Some(order_by) = &query.order_by {
            self.order_by(order_by)?;
        }
        self.limit(query.limit_clause.as_ref(), query.fetch.as_ref())?;
        self.tables.pop();
        Ok(())
    }

    fn with(&mut self, with: &With) -> Result<()> {
        self.push(if with.recursive { "WITH RECURSIVE " } else { "WITH " });
        self.list(&with.cte_tables, |this, table| {
            none_of(table.from.is_some(), "FROM after a WITH query")?;
            let name = folded(&table.alias.name);
            // A query sees its own name only if it is recursive.
            if with.recursive {
                this.know(name.clone());
            }
            this.push(&quoted(&name));
            this.column_names(&table.alias.columns)?;
            this.push(match table.materialized {
                Some(CteAsMaterialized::Materialized) => " AS MATERIALIZED (",
                Some(CteAsMaterialized::NotMaterialized) => " AS NOT MATERIALIZED (",
                None => " AS (",
            });
            this.query(&table.query)?;
            this.push(")");
            if !with.recursive {
                this.know(name);
            }
            Ok(())
        })?;
        self.push(" ");
        Ok(())
    }

    fn know(&mut self, name: String) {
        if let Some(tables) = self.tables.last_mut() {
            tables.push(name);
        }
    }

    fn body(&mut self, body: &SetExpr) -> Result<()> {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.nested(|this| this.query(query)),
            SetExpr::Values(values) => {
                self.push("VALUES ");
                self.list(&values.rows, |this, row| {
                    this.push("(");
                    this.list(&row.content, Self::value)?;
                    this.push(")");
                    Ok(())
                })
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                self.body(left)?;
                self.push(match (op, set_quantifier) {
                    (SetOperator::Union, SetQuantifier::All) => " UNION ALL ",
                    (SetOperator::Union, SetQuantifier::Distinct | SetQuantifier::None) => " UNION ",
                    (SetOperator::Intersect, SetQuantifier::Distinct | SetQuantifier::None) => " INTERSECT ",
                    (SetOperator::Except, SetQuantifier::Distinct | SetQuantifier::None) => " EXCEPT ",
                    _ => return Err(refused(format!("{op} {set_quantifier}"))),
                });
                // SQLite takes all from left to right; the tree knows better.
                match &**right {
                    SetExpr::SetOperation { .. } => self.nested(|this| this.body(right)),
                    right => self.body(right),
                }
            }
            other => Err(refused(other)),
        }
    }

    /// A query as a part of a larger one, where SQLite takes no parentheses.
    fn nested(&mut self, print: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.push("SELECT * FROM (");
        print(self)?;
        self.push(")");
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Result<()> {
        check_clauses(select)?;
        self.scopes.push(Scope::default());
        // Printed first: it says what the names in the other clauses mean.
        let mut from = self.captured(|this| this.list(&select.from, Self::table_with_joins))?;
        self.scope().is_select_list = true;
        let columns = self.captured(|this| this.list(&select.projection, Self::column))?;
        self.scope().is_select_list = false;
        for (argument, alias) in self.scope().joins.clone() {
            let comma = if from.is_empty() { "" } else { ", " };
            from = format!("{from}{comma}json_each({argument}) AS {alias}");
        }
        self.push("SELECT ");
        match &select.distinct {
            None | Some(Distinct::All) => {}
            Some(Distinct::Distinct) => self.push("DISTINCT "),
            Some(Distinct::On(_)) => return Err(refused("DISTINCT ON")),
        }
        self.push(&columns);
        if !from.is_empty() {
            self.push(" FROM ");
            self.push(&from);
        }
        if let Some(selection) = &select.selection {
            self.push(" WHERE ");
            self.condition(selection)?;
        }
        self.group_by(&select.group_by)?;
        if let Some(having) = &select.having {
            self.push(" HAVING ");
            self.condition(having)?;
        }
        if !select.named_window.is_empty() {
            self.push(" WINDOW ");
            self.list(&select.named_window, |this, NamedWindowDefinition(name, window)| {
                let NamedWindowExpr::WindowSpec(window) = window else { return Err(refused(window_name(window))) };
                let name = this.name(name);
                this.push(&format!("{name} AS ("));
                this.window(window)?;
                this.push(")");
                Ok(())
            })?;
        }
        self.scopes.pop();
        Ok(())
    }

    fn column(&mut self, item: &SelectItem) -> Result<()> {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                self.value(expr)?;
                self.push(&format!(" AS {}", quoted(&names::of(expr))));
                Ok(())
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.value(expr)?;
                self.push(&format!(" AS {}", quoted(&folded(alias))));
                Ok(())
            }
            SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                self.mentions_all = true;
                let scope = self.scope();
                let all = if scope.has_functions { scope.wildcard.join(", ") } else { "*".to_owned() };
                self.push(&all);
                Ok(())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
                if options.to_string().is_empty() =>
            {
                self.mentions_all = true;
                let table = Self::qualifier(&super::parts(name)?)?;
                self.push(&format!("{table}.*"));
                Ok(())
            }
            other => Err(refused(other)),
        }
    }

    fn group_by(&mut self, group_by: &GroupByExpr) -> Result<()> {
        match group_by {
            GroupByExpr::Expressions(by, modifiers) if modifiers.is_empty() => {
                if !by.is_empty() {
                    self.push(" GROUP BY ");
                    self.list(by, Self::value)?;
                }
                Ok(())
            }
            other => Err(refused(other)),
        }
    }

    fn order_by(&mut self, order_by: &OrderBy) -> Result<()> {
        none_of(order_by.interpolate.is_some(), "INTERPOLATE")?;
        match &order_by.kind {
            OrderByKind::Expressions(by) => self.sorted_by(by),
            OrderByKind::All(_) => Err(refused("ORDER BY ALL")),
        }
    }

    /// `ORDER BY`, with nulls where PostgreSQL has them: they are the largest of all.
    pub(super) fn sorted_by(&mut self, by: &[OrderByExpr]) -> Result<()> {
        self.push(" ORDER BY ");
        self.list(by, |this, by| {
            none_of(by.with_fill.is_some(), "WITH FILL")?;
            this.value(&by.expr)?;
            let is_descending = match &by.options.sort {
                None | Some(OrderBySort::Asc) => false,
                Some(OrderBySort::Desc) => true,
                Some(OrderBySort::Using(_)) => return Err(refused("ORDER BY … USING")),
            };
            let nulls_first = by.options.nulls_first.unwrap_or(is_descending);
            this.push(if is_descending { " DESC" } else { " ASC" });
            this.push(if nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
            Ok(())
        })
    }

    fn limit(&mut self, clause: Option<&LimitClause>, fetch: Option<&Fetch>) -> Result<()> {
        let (mut limit, offset) = match clause {
            None => (None, None),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
                (limit.as_ref(), offset.as_ref())
            }
            Some(other) => return Err(refused(other)),
        };
        let one = Expr::value(Value::Number("1".to_owned(), false));
        if let Some(fetch) = fetch {
            none_of(fetch.with_ties || fetch.percent || limit.is_some(), "FETCH with ties, percent or LIMIT")?;
            limit = Some(fetch.quantity.as_ref().unwrap_or(&one));
        }
        if limit.is_none() && offset.is_none() {
            return Ok(());
        }
        self.push(" LIMIT ");
        match limit {
            Some(limit) => self.call("pg_limit", &[limit])?,
            None => self.push("-1"),
        }
        if let Some(offset) = offset {
            self.push(" OFFSET ");
            self.call("pg_offset", &[&offset.value])?;
        }
        Ok(())
    }

    /// The innermost SELECT.
    pub(super) fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }
}

fn check_clauses(select: &Select) -> Result<()> {
    none_of(select.into.is_some(), "SELECT INTO")?;
    let is_foreign = select.top.is_some()
        || select.exclude.is_some()
        || select.prewhere.is_some()
        || select.qualify.is_some()
        || select.value_table_mode.is_some()
        || select.select_modifiers.is_some()
        || !select.optimizer_hints.is_empty()
        || !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.flavor != SelectFlavor::Standard;
    none_of(is_foreign, "a clause that PostgreSQL does not have")
}

fn window_name(window: &NamedWindowExpr) -> String {
    match window {
        NamedWindowExpr::NamedWindow(name) => format!("WINDOW … AS {name}"),
        NamedWindowExpr::WindowSpec(_) => "WINDOW".to_owned(),
    }
}
