//! The report for scripts: one object, one array for each table.

use serde_json::{Map, Value, json};

use crate::table::cell::rfc3339;
use crate::table::{Context, TableId};

/// The version of the object's shape.
const SCHEMA: u32 = 1;

/// The report on these tables, and always on the sources.
pub fn json(context: &Context<'_>, tables: &[TableId]) -> Value {
    let mut object = Map::new();
    object.insert("schema".to_owned(), json!(SCHEMA));
    object.insert("generated_at".to_owned(), json!(rfc3339(context.now.wall)));
    for table in TableId::ALL {
        // What is no part of a status is written where it is all that was asked for.
        let asked = table.is_reported() || tables == [table];
        if asked && (tables.contains(&table) || table == TableId::Sources) {
            object.insert(table.name().to_owned(), Value::Array(table.json(context)));
        }
    }
    Value::Object(object)
}
