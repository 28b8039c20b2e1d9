using Midstream.Linux;

namespace Midstream.Supervisor.Systemd;

/// <summary>A descriptor that the service manager passed to this process.</summary>
/// <param name="Name">Its name in LISTEN_FDNAMES: of the socket unit, or what it was stored under.</param>
/// <param name="Descriptor">The descriptor.</param>
internal sealed record PassedSocket(string Name, FileDescriptor Descriptor)
{
    /// <summary>The name of one that has none (sd_listen_fds_with_names(3)).</summary>
    public const string Unknown = "unknown";
}
