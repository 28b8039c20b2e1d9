using Microsoft.Extensions.Logging;

namespace Midstream.Modules.Hosting;

/// <summary>What the host of modules logs.</summary>
internal static partial class ModuleHostLog
{
    [LoggerMessage(EventId = 332, EventName = "ModulePackagesNotRemoved", Level = LogLevel.Warning,
        Message = "Old packages of modules could not be removed: {Reason}")]
    public static partial void LogPackagesNotRemoved(this ILogger logger, string reason);
}
