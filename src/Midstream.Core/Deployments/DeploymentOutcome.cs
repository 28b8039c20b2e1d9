// How a deployment stands or ended.

namespace Midstream.Core.Deployments;

/// <summary>Names how a deployment stands or ended.</summary>
public enum DeploymentOutcome
{
    /// <summary>It goes on.</summary>
    InProgress,

    /// <summary>It failed while the old generation was serving, which serves on and did not notice.</summary>
    Abandoned,

    /// <summary>It was cancelled while the old generation was serving, which serves on and did not notice.</summary>
    Cancelled,

    /// <summary>It failed after the switch; the previous release is to serve again.</summary>
    RolledBack,

    /// <summary>It came through.</summary>
    Committed,
}
