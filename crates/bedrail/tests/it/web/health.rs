//! What those who run the server ask: ready, and metrics. Neither says anything of an organisation.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use bedrail::web::{self, Options};
use tower::ServiceExt as _;

use super::app::{Answer, Database, TestApp, on_each_database};

on_each_database! {
    ready_says_which_part_is_not,
    metrics_are_for_this_machine_or_for_the_token,
    metrics_count_by_route_and_say_nothing_of_an_organisation,
    an_id_of_the_caller_is_taken_over_where_it_says_nothing,
}

const HERE: [u8; 4] = [127, 0, 0, 1];

fn from(ip: [u8; 4], path: &str) -> axum::http::request::Builder {
    Request::get(path).extension(ConnectInfo(SocketAddr::from((ip, 40_000))))
}

async fn ready_says_which_part_is_not(database: Database) {
    let app = TestApp::with_devices(database).await;
    let nobody = app.stranger();
    let answer = nobody.get("/readyz").await;
    let all = "database: ok\nschema: ok\nvulnerability data: ok\nkey: ok\n";
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, all));
    let key = app.ctx.data_dir.join("secret.key");
    let _ = std::fs::remove_file(&key);
    std::fs::write(&key, "not a key").unwrap();
    let again = app.on_another_process().await.stranger();
    let answer = again.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text, all.replace("key: ok", "key: not ready"));
    std::fs::remove_file(&key).unwrap();
    app.ctx.close().await.unwrap();
    let answer = nobody.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.starts_with("database: not ready\nschema: not ready\n"), "{}", answer.text);
    assert_eq!(nobody.get("/healthz").await.status, StatusCode::OK, "alive it is");
}

async fn metrics_are_for_this_machine_or_for_the_token(database: Database) {
    let app = TestApp::fresh(database).await.0;
    let status = async |request: axum::http::request::Builder| {
        app.send(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(status(from(HERE, "/metrics")).await, StatusCode::OK);
    assert_eq!(status(Request::get("/metrics")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(from([192, 0, 2, 1], "/metrics")).await, StatusCode::UNAUTHORIZED);
    for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        let proxied = from(HERE, "/metrics").header(name, "127.0.0.1");
        assert_eq!(status(proxied).await, StatusCode::UNAUTHORIZED, "{name}");
    }
    let token = "5f1d0c0c4a0b4d5e8f00112233445566";
    for (behind_tls, shown, wanted) in [
        (true, None, StatusCode::UNAUTHORIZED),
        (false, None, StatusCode::UNAUTHORIZED),
        (false, Some("Bearer wrong".to_owned()), StatusCode::UNAUTHORIZED),
        (false, Some(token.to_owned()), StatusCode::UNAUTHORIZED),
        (true, Some(format!("Bearer {token}")), StatusCode::OK),
    ] {
        let options = Options { behind_tls, metrics_token: Some(token.into()), ..Options::default() };
        let mut request = from(HERE, "/metrics").header(header::HOST, "localhost");
        if let Some(shown) = &shown {
            request = request.header(header::AUTHORIZATION, shown);
        }
        let request = request.body(Body::empty()).unwrap();
        let response: Response = web::app(app.ctx.clone(), options).oneshot(request).await.unwrap();
        assert_eq!(response.status(), wanted, "{shown:?}");
    }
    let options = Options { behind_tls: true, ..Options::default() };
    let request = from(HERE, "/metrics").header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let response: Response = web::app(app.ctx.clone(), options).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "a proxy in front is no neighbour");
}

async fn metrics_count_by_route_and_say_nothing_of_an_organisation(database: Database) {
    let app = TestApp::with_devices(database).await;
    let id = app.get("/api/v1/devices").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    app.get(&format!("/devices/{id}")).await;
    app.get("/affected?q=Orbis").await;
    app.get("/nothing-here/maria.lopez").await;
    app.json("POST".parse().unwrap(), "/api/v1/jobs", &serde_json::json!({ "kind": "check" })).await;
    let answer: Answer = app.send(from(HERE, "/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
    let text = &answer.text;
    for wanted in [
        "bedrail_jobs{kind=\"check\",state=\"waiting\"} 1\n",
        "bedrail_jobs_oldest_due_seconds ",
        "bedrail_feed_missing{source=\"kev\"} 1\n",
        "bedrail_data_complete 0\n",
        "bedrail_request_duration_seconds_count{method=\"GET\",route=\"/devices/{id}\",status=\"2xx\"} 1\n",
        "bedrail_request_duration_seconds_bucket{method=\"GET\",route=\"/affected\",status=\"2xx\",le=\"+Inf\"} 1\n",
        "bedrail_request_duration_seconds_count{method=\"GET\",route=\"(none)\",status=\"4xx\"} 1\n",
        "bedrail_uploads 0\n",
        "bedrail_connections 0\n",
        "bedrail_database_writers_waiting 0\n",
        "bedrail_database_connections{pool=",
        "bedrail_build_info{version=\"",
        "process_resident_memory_bytes ",
    ] {
        assert!(text.contains(wanted), "{wanted}:\n{text}");
    }
    let begun = text.lines().find_map(|line| line.strip_prefix("bedrail_database_write_waits_total "));
    assert!(begun.unwrap().parse::<u64>().unwrap() > 5, "{text}");
    for word in ["Test Clinic", "Orbis", "admin", "maria", "nothing-here", id.as_str()] {
        assert!(!text.contains(word), "{word}:\n{text}");
    }
}

async fn an_id_of_the_caller_is_taken_over_where_it_says_nothing(database: Database) {
    let app = TestApp::start(database).await;
    let with = async |id: &str| {
        let request = app.request("GET".parse().unwrap(), "/api/v1/devices/none").header("x-request-id", id);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let answer = with(trace).await;
    assert_eq!(answer.headers["x-request-id"], trace);
    assert_eq!(answer.json()["request_id"], trace, "{}", answer.text);
    for other in ["short", "maria.lopez@clinic.example", &"f".repeat(80)] {
        let answer = with(other).await;
        let ours = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        assert!(ours != other && ours.len() == 36, "{ours}");
        assert_eq!(answer.json()["request_id"], ours, "{}", answer.text);
    }
}
