//! An author's own routes beside the endpoint: none may stand where the endpoint answers.

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;

/// The route that a request would have gone to, as the author wrote it; `None` for a fallback.
#[derive(Clone, Debug)]
struct Found(Option<MatchedPath>);

/// The routes that would never be asked for one of these paths, because the endpoint answers there: a sentence each.
///
/// No handler of the author runs: a request is stopped where its route is known. A fallback is no route.
pub(super) async fn shadowed(routes: &Router, paths: &[(String, &'static str)]) -> Vec<String> {
    let probed = routes.clone().layer(from_fn(stop));
    let mut faults = Vec::new();
    for (path, key) in paths {
        let mut request = Request::new(Body::empty());
        let Ok(uri) = path.parse() else { continue };
        *request.uri_mut() = uri;
        let Ok(response) = probed.clone().oneshot(request).await;
        if let Some(Found(Some(route))) = response.extensions().get() {
            faults.push(format!(
                "the route `{}` of `.routes(…)` would never be asked for `{path}`, where the endpoint answers ({key}): \
                 give it another path, or use a fallback for whatever is left",
                route.as_str()
            ));
        }
    }
    faults
}

async fn stop(request: Request, _next: Next) -> Response {
    let found = Found(request.extensions().get::<MatchedPath>().cloned());
    let mut response = ().into_response();
    response.extensions_mut().insert(found);
    response
}

#[cfg(test)]
mod tests {
    use axum::handler::HandlerWithoutStateExt as _;
    use axum::routing::{any, delete, get, post};

    use super::*;

    async fn found(routes: Router) -> Vec<String> {
        shadowed(&routes, &[("/mcp".to_owned(), "http.path"), ("/sse".to_owned(), "http.legacy_sse")]).await
    }

    async fn never() -> &'static str {
        unreachable!("no handler runs")
    }

    #[tokio::test]
    async fn routes_where_the_endpoint_answers_are_found_and_no_handler_runs() {
        for (routes, route) in [
            (Router::new().route("/mcp", get(never)), "`/mcp`"),
            (Router::new().route("/mcp", delete(never)), "`/mcp`"),
            (Router::new().route("/sse", post(never)), "`/sse`"),
            (Router::new().route("/{page}", get(never)), "`/{page}`"),
            (Router::new().route("/{*rest}", any(never)), "`/{*rest}`"),
            (Router::new().nest("/mcp", Router::new().route("/", get(never))), "`/mcp`"),
            (Router::new().route("/about", get(never)).merge(Router::new().route("/mcp", get(never))), "`/mcp`"),
            (Router::new().route_service("/mcp", never.into_service()), "`/mcp`"),
        ] {
            let faults = found(routes.fallback(never)).await;
            assert!(faults.first().is_some_and(|fault| fault.contains(route)), "{route}: {faults:?}");
        }
    }

    #[tokio::test]
    async fn routes_elsewhere_and_fallbacks_are_left_alone() {
        for routes in [
            Router::new(),
            Router::new().fallback(never),
            Router::new().route("/about", get(never)).fallback(never),
            Router::new().route("/mcp/files/{*path}", get(never)),
            Router::new().nest("/hooks", Router::new().route("/mcp", post(never))),
        ] {
            assert_eq!(found(routes).await, Vec::<String>::new());
        }
    }
}
