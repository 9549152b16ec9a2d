//! What every request of a kind can be answered, added to the description of each route so that none forgets it: the routes
//! themselves describe what is their own.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};

/// A failure that a kind of request can meet.
struct Row {
    status: &'static str,
    words: &'static str,
    meets: fn(&Operation) -> bool,
}

const ROWS: &[Row] = &[
    Row {
        status: "400",
        words: "The request cannot be read",
        meets: |of| takes_body(of) || has(of, &ParameterIn::Query),
    },
    Row { status: "401", words: "Nobody is signed in, or the token opens nothing", meets: is_guarded },
    Row {
        status: "403",
        words: "The right is missing, or the request is not from a page of ours",
        meets: is_guarded,
    },
    Row {
        status: "404",
        words: "There is no such thing, or it is not yours to know of",
        meets: |of| has(of, &ParameterIn::Path),
    },
    Row { status: "409", words: "The row of the cursor is gone", meets: is_paged },
    Row { status: "413", words: "The body is too large", meets: takes_body },
    Row { status: "415", words: "The body is of another media type", meets: takes_json },
    Row {
        status: "422",
        words: "A value cannot be used as it stands",
        meets: |of| takes_body(of) || has(of, &ParameterIn::Query),
    },
    Row { status: "421", words: "The server does not answer to this host name", meets: |_| true },
    Row { status: "429", words: "Too many requests; `Retry-After` says when to come back", meets: |_| true },
    Row { status: "503", words: "Something needed is not there right now; try again", meets: |_| true },
];

fn takes_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

fn takes_json(operation: &Operation) -> bool {
    let body = operation.request_body.as_ref();
    body.is_some_and(|body| matches!(body, RefOr::T(body) if body.content.contains_key("application/json")))
}

fn has(operation: &Operation, place: &ParameterIn) -> bool {
    parameters(operation).any(|parameter| parameter.parameter_in == *place)
}

fn is_paged(operation: &Operation) -> bool {
    parameters(operation).any(|parameter| parameter.name == "cursor")
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

fn is_guarded(operation: &Operation) -> bool {
    operation.security.is_some()
}

/// Adds what is missing.
pub(crate) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        for operation in operations.into_iter().flatten() {
            let missing: Vec<&Row> = ROWS
                .iter()
                .filter(|row| {
                    (row.meets)(operation) && !operation.responses.responses.contains_key(row.status)
                })
                .collect();
            for row in missing {
                operation.responses.responses.insert(row.status.to_owned(), RefOr::T(problem(row.words)));
            }
        }
    }
}

fn problem(words: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(words).content("application/problem+json", content).build()
}
