//! Questions in SQL about the streams there are.

use btrdb_proto::{SqlQueryParams, SqlQueryResponse};
use serde_json::{Map, Value};

use super::Connection;
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

const CALL: Call = Call::new("SQLQuery");

impl<T: Transport> Connection<T> {
    /// The rows that `statement` selects from the one table there is, `streams`, with the columns `uuid`, `collection`,
    /// `name`, `unit`, `ingress`, `property_version` and `annotations`; each by the names of the columns selected.
    /// `parameters` stand for `$1`, `$2` and so on.
    ///
    /// # Errors
    /// `BadSqlValue` for what is no such statement; `Unimplemented` where the server has no SQL; or whatever keeps the
    /// server from answering.
    pub async fn query(&self, statement: &str, parameters: &[String]) -> Result<Vec<Map<String, Value>>> {
        let rows = self.query_json(statement, parameters).await?;
        rows.iter().map(|row| serde_json::from_str(row).map_err(|why| no_object(&why))).collect()
    }

    /// [`Self::query`] with each row as the JSON that the server sent.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn query_json(&self, statement: &str, parameters: &[String]) -> Result<Vec<String>> {
        let params = SqlQueryParams { query: statement.to_owned(), params: parameters.to_vec(), role: None };
        let replies = self.collect::<SqlQueryResponse>(CALL, params).await?;
        let text = |row: bytes::Bytes| {
            String::from_utf8(row.into())
                .map_err(|why| CALL.failed(Error::new(ErrorKind::BadResponse, format!("a row of {why}"))))
        };
        replies.into_iter().flat_map(|reply| reply.sql_query_row).map(text).collect()
    }
}

pub(super) fn no_object(why: &serde_json::Error) -> Error {
    CALL.failed(Error::new(ErrorKind::BadResponse, format!("a row that is no JSON object: {why}")))
}
