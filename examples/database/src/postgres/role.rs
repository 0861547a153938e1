//! What the server's role may do beyond reading tables: found out at start.

use sqlx::postgres::PgConnection;

use crate::opening::Opened;

/// Roles of PostgreSQL whose members can do more than read the tables that were granted to them.
const POWERFUL: [&str; 7] = [
    "pg_execute_server_program",
    "pg_maintain",
    "pg_read_all_data",
    "pg_read_server_files",
    "pg_signal_backend",
    "pg_write_all_data",
    "pg_write_server_files",
];

const ROLE: &str = "SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole FROM pg_catalog.pg_roles \
     WHERE rolname = current_user";

const MEMBER: &str = "SELECT rolname::text FROM pg_catalog.pg_roles \
     WHERE rolname = ANY($1) AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY 1";

/// Looks at the role, and at the bound of temporary space that holds for it.
pub(super) async fn check(connection: &mut PgConnection) -> Result<Opened, sqlx::Error> {
    let mut opened = Opened::default();
    let role: (String, bool, bool, bool) = sqlx::query_as(ROLE).persistent(false).fetch_one(&mut *connection).await?;
    let (name, superuser, bypasses, creates) = role;
    if superuser {
        opened.powers.push(format!("the role {name} is a superuser"));
    } else {
        let member = sqlx::query_scalar(MEMBER).bind(POWERFUL.as_slice()).persistent(false);
        let member: Vec<String> = member.fetch_all(&mut *connection).await?;
        opened.powers.extend(member.iter().map(|role| format!("the role {name} is a member of {role}")));
        if bypasses {
            opened.powers.push(format!("the role {name} passes by row-level security"));
        }
        if creates {
            opened.powers.push(format!("the role {name} can create roles"));
        }
    }
    let limit = sqlx::query_scalar("SELECT current_setting('temp_file_limit')").persistent(false);
    let limit: String = limit.fetch_one(connection).await?;
    if limit == "-1" {
        opened.warnings.push(format!(
            "temporary files of the role {name} are not bounded; as a superuser run: \
             ALTER ROLE {name} SET temp_file_limit = '256MB'"
        ));
    }
    Ok(opened)
}
