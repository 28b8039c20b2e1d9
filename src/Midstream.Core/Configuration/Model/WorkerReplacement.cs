// The two orders in which a generation's workers take the place of the previous one's.

namespace Midstream.Core.Configuration;

/// <summary>Names how the workers of a pool are replaced.</summary>
public enum WorkerReplacement
{
    /// <summary>One new worker is started, takes over from one old worker, and so on: one process more than workers.</summary>
    OneByOne,

    /// <summary>All new workers are started before any old one gives way: twice as many processes for that time.</summary>
    AllAtOnce,
}
