//! The report for scripts: one object, one array for each table, and what the queues come to.

use serde_json::{Map, Value, json};

use crate::table::cell::rfc3339;
use crate::table::totals::Totals;
use crate::table::{Context, TableId};

/// The version of the object's shape.
const SCHEMA: u32 = 2;

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
    if tables.contains(&TableId::Queues) {
        object.insert("totals".to_owned(), totals(context));
    }
    Value::Object(object)
}

/// What all queues come to, each figure with the queues that tell it.
fn totals(context: &Context<'_>) -> Value {
    let all = Totals::whole(context, |_| true).report(context.now.moment);
    all.into_iter()
        .map(|(name, figure, coverage)| {
            json!({
                "figure": name,
                "value": figure.json(),
                "rows": coverage.rows,
                "of": coverage.of,
            })
        })
        .collect()
}
