//! `SQLQuery`: the SELECTs of PostgreSQL over the properties of streams.
//!
//! A statement is parsed and then written anew in the dialect of SQLite: what the printer does not know cannot get
//! through it. SQLite runs it in a database in memory that exists for this statement only and holds nothing but a view
//! of the streams that the caller may see; the view reads the catalog's own descriptors, so nothing is copied.

mod answer;
mod functions;
mod parse;
mod printer;
mod run;
mod value;
mod work;

use btrdb_proto as proto;

use crate::{Batches, Code, Engine, Error, Result};

impl Engine {
    /// `SQLQuery`: the rows of a SELECT over the table `streams`, each as a JSON object.
    ///
    /// The statement runs before this returns. It is given up soon after `is_unwanted` says that nobody waits for it any
    /// more, and when it takes more work or memory than one statement may.
    ///
    /// # Errors
    /// 441 for a statement or parameters that make no sense or are not offered, 426 for one that takes too much.
    pub fn sql_query(
        &self,
        params: &proto::SqlQueryParams,
        is_unwanted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Batches<proto::SqlQueryResponse>> {
        let statement = printer::print(&parse::parse(&params.query)?)?;
        if statement.params != params.params.len() {
            let (wanted, given) = (statement.params, params.params.len());
            return Err(bad(format!("the statement has {wanted} parameters ($1, $2, …), but {given} are given")));
        }
        if let Some(param) = params.params.iter().find(|param| param.contains('\0')) {
            return Err(bad(format!("the parameter {param:?} has a NUL in it")));
        }
        let catalog = self.catalog();
        let streams = self.visible(&catalog, "").map(|stream| stream.shared_descriptor()).collect();
        drop(catalog);
        run::run(&statement, &params.params, streams, &work::Work::new(is_unwanted))
    }
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(Code::BadSqlValue, message)
}

fn too_much(message: impl Into<String>) -> Error {
    Error::new(Code::ResourceDepleted, message)
}
