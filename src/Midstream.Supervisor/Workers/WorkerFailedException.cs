using Midstream.Core.Deployments;

namespace Midstream.Supervisor.Workers;

/// <summary>Reports that a generation did not do what it was started for; the message is for the operator.</summary>
/// <param name="failure">The stage and the culprit.</param>
/// <param name="message">What happened and what to do.</param>
/// <param name="lastLines">The last lines the generation wrote; oldest first.</param>
internal sealed class WorkerFailedException(DeploymentFailure failure, string message, IReadOnlyList<string> lastLines)
    : Exception(message)
{
    public DeploymentFailure Failure { get; } = failure;

    public IReadOnlyList<string> LastLines { get; } = lastLines;
}
