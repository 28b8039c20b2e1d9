namespace Midstream.Hosting.Transport;

/// <summary>What became of a connection that was to depart.</summary>
internal enum Departure
{
    /// <summary>Another process has it.</summary>
    HasGone,

    /// <summary>It stays in this process, and everything about it is as it was.</summary>
    Stays,

    /// <summary>It is broken: the server ends it.</summary>
    IsBroken,
}

/// <summary>Takes a connection away while its server waits for the next request, and puts it back if nobody has it.</summary>
internal interface IDeparture
{
    /// <summary>Departs. Called from the server's own wait: nobody reads from the connection or writes to it.</summary>
    /// <returns>What became of it.</returns>
    ValueTask<Departure> DepartAsync();
}
