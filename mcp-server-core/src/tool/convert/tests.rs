//! Whose fault an error of a library is.

use super::*;

#[test]
fn errors_of_the_servers_own_files_are_no_fault_of_the_caller() {
    use std::io::ErrorKind as Io;
    for (io, kind) in [
        (Io::NotFound, ErrorKind::Misconfigured),
        (Io::PermissionDenied, ErrorKind::Misconfigured),
        (Io::StorageFull, ErrorKind::UpstreamUnavailable),
        (Io::InvalidData, ErrorKind::BadUpstream),
        (Io::ConnectionRefused, ErrorKind::UpstreamUnavailable),
        (Io::Other, ErrorKind::Internal),
    ] {
        let error = ToolError::from(std::io::Error::from(io));
        assert_eq!(error.kind(), kind, "{io:?}");
        assert!(
            !error.kind().is_callers_fault() && error.advice_text().contains("do not answer from memory"),
            "{io:?}"
        );
    }
}

#[test]
fn data_of_the_wrong_shape_is_a_fault_of_where_it_came_from() {
    let error = ToolError::from(serde_json::from_str::<u32>("<html>").unwrap_err());
    assert_eq!((error.kind(), error.retryable()), (ErrorKind::BadUpstream, false));
}

#[cfg(feature = "sqlx")]
#[test]
fn what_a_database_refuses_is_the_callers_fault_only_where_it_is_a_value() {
    for (code, kind) in [
        ("42501", ErrorKind::Misconfigured),
        ("28P01", ErrorKind::Misconfigured),
        ("28000", ErrorKind::Misconfigured),
        ("42P01", ErrorKind::Misconfigured),
        ("3D000", ErrorKind::Misconfigured),
        ("25006", ErrorKind::Misconfigured),
        ("8", ErrorKind::Misconfigured),
        ("1544", ErrorKind::Misconfigured),
        ("14", ErrorKind::Misconfigured),
        ("53300", ErrorKind::Overloaded),
        ("261", ErrorKind::Overloaded),
        ("57P01", ErrorKind::UpstreamUnavailable),
        ("57014", ErrorKind::Timeout),
        ("42601", ErrorKind::Internal),
        ("1", ErrorKind::Internal),
    ] {
        let (found, message) = refused_by_database(Some(code));
        assert_eq!(found, kind, "{code}: {message}");
        assert!(!found.is_callers_fault(), "{code}");
    }
    assert_eq!(refused_by_database(Some("22P02")).0, ErrorKind::InvalidArgument);
    assert_eq!(refused_by_database(None).0, ErrorKind::Internal);
}

#[cfg(feature = "reqwest")]
#[test]
fn what_a_service_refuses_is_no_fault_of_the_caller() {
    for status in [400, 401, 402, 403, 404, 405, 407, 410, 413, 415, 418, 422, 451, 499] {
        let (kind, _) = refused_by_service(status).unwrap();
        assert_eq!(kind, ErrorKind::UpstreamRejected, "{status}");
        let error = ToolError::new(kind, "");
        assert!(!kind.is_callers_fault() && !error.retryable() && error.advice_text().contains("fault of the server"));
    }
    for (status, kind) in [
        (408, ErrorKind::Timeout),
        (409, ErrorKind::Conflict),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::UpstreamUnavailable),
        (503, ErrorKind::UpstreamUnavailable),
        (599, ErrorKind::UpstreamUnavailable),
    ] {
        assert_eq!(refused_by_service(status).map(|(kind, _)| kind), Some(kind), "{status}");
    }
    assert_eq!(refused_by_service(200), None);
    assert_eq!(refused_by_service(304), None);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_locked_file_and_a_dry_pool_are_told_as_what_they_are_and_may_be_tried_again() {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    let path = std::env::temp_dir().join(format!("mcp-server-{}", crate::store::seal::random_id()));
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).busy_timeout(Duration::ZERO);
    let pool = SqlitePoolOptions::new().max_connections(2).acquire_timeout(Duration::from_millis(50));
    let pool = pool.connect_with(options).await.unwrap();
    let mut changing = pool.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *changing).await.unwrap();

    let mut reading = pool.acquire().await.unwrap();
    let read = sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *reading).await;
    let locked = ToolError::from(read.unwrap_err());
    assert_eq!((locked.kind(), locked.retryable()), (ErrorKind::Overloaded, true), "{}", locked.log_text());
    assert!(locked.message().contains("locked"), "{}", locked.message());

    let dry = ToolError::from(pool.acquire().await.unwrap_err());
    assert_eq!((dry.kind(), dry.retryable()), (ErrorKind::Overloaded, true), "{}", dry.log_text());
    assert!(dry.message().contains("connection"), "{}", dry.message());
    drop((changing, reading));
    pool.close().await;
    std::fs::remove_file(path).ok();
}
