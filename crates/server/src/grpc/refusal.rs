//! The one table from the app's errors to gRPC.

use mc_app::AppError;
use tonic::{Code, Status};

/// The status an agent gets.
pub(super) fn status(error: &AppError) -> Status {
    let code = match error {
        AppError::Invalid(_) => Code::InvalidArgument,
        AppError::Unauthenticated { code: "agent_removed", .. } | AppError::Denied(_) | AppError::Forbidden { .. } => {
            Code::PermissionDenied
        }
        AppError::Unauthenticated { .. } => Code::Unauthenticated,
        AppError::NotFound(_) => Code::NotFound,
        AppError::Conflict { code: "name_taken", .. } => Code::AlreadyExists,
        AppError::Conflict { .. } => Code::FailedPrecondition,
        AppError::Unavailable(_) | AppError::TooMany { .. } => Code::Unavailable,
        AppError::Internal(text) => {
            tracing::error!(error = text, "an agent's request failed");
            return Status::internal("something went wrong on the server: its log has the details");
        }
    };
    Status::new(code, error.to_string())
}
