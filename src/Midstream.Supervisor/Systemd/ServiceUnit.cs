using System.Globalization;
using System.Text;
using Midstream.Core.Configuration;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// Writes the systemd unit of a service (systemd.service(5), systemd.exec(5)). Everything that is not needed to supervise web
/// services is taken from it; what .NET needs stays: writable and executable memory, above all.
/// </summary>
public sealed record ServiceUnit
{
    /// <summary>The first line of every unit written here: who wrote it may overwrite it.</summary>
    public const string Mark = "# Written by midstream install-unit.";

    // The first version with Type=notify-reload.
    private const int NotifyReloadVersion = 253;

    /// <summary>Gets the service's name.</summary>
    public required string Service { get; init; }

    /// <summary>Gets the absolute path of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Gets the absolute path of the first release; null when the store has one.</summary>
    public string? Folder { get; init; }

    /// <summary>Gets the absolute path of the configuration; null for none.</summary>
    public string? Configuration { get; init; }

    /// <summary>Gets the absolute state root; null for the default of who runs it.</summary>
    public string? StateRoot { get; init; }

    /// <summary>Gets the user the supervisor runs as; null for root, or for the user whose manager it is.</summary>
    public string? User { get; init; }

    /// <summary>Gets whether the unit is for a user's own manager and not for the system's.</summary>
    public bool IsForUserManager { get; init; }

    /// <summary>Gets the major version of the service manager; 0 when it is not known.</summary>
    public int SystemdVersion { get; init; }

    /// <summary>Gets the times the unit's own limits are made of.</summary>
    public required ServiceModel Model { get; init; }

    /// <summary>Gets the unit's file name. The prefix keeps it from hiding a unit of the distribution's.</summary>
    public string FileName => $"midstream-{Service}.service";

    /// <summary>Writes the unit.</summary>
    /// <returns>The file's text.</returns>
    public string Write()
    {
        var unit = new StringBuilder();
        Add(unit, $"{Mark} 'midstream install-unit' writes it anew; put changes into a drop-in (systemctl edit).");
        Add(unit, "[Unit]", $"Description=Midstream: {Service}", "Documentation=man:systemd.service(5)");
        if (!IsForUserManager)
            Add(unit, "After=network.target");
        Add(unit, "", "[Service]");
        Add(unit, StartLines());
        Add(unit, TimeLines());
        Add(unit, StateLines());
        Add(unit, "", "# What the supervisor and its workers cannot do.");
        Add(unit, HardeningLines());
        Add(unit, "", "[Install]", $"WantedBy={(IsForUserManager ? "default.target" : "multi-user.target")}");
        return unit.ToString();
    }

    /// <summary>Writes one word of a command line as systemd reads it: quoted, without specifiers or variables.</summary>
    /// <param name="text">The word.</param>
    internal static string QuoteInCommand(string text) => Quote(text).Replace("$", "$$", StringComparison.Ordinal);

    /// <summary>Writes one word as systemd reads it: quoted, without specifiers.</summary>
    /// <param name="text">The word.</param>
    internal static string Quote(string text) => "\"" + text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static void Add(StringBuilder unit, params IEnumerable<string> lines) =>
        unit.AppendJoin('\n', lines).Append('\n');

    private string[] StartLines()
    {
        string[] words =
        [
            Program, "run", .. Folder is null ? [] : new[] { Folder }, "--name", Service,
            .. Configuration is null ? [] : new[] { "--config", Configuration },
        ];
        var start = $"ExecStart={string.Join(' ', words.Select(QuoteInCommand))}";
        return SystemdVersion >= NotifyReloadVersion
            ? ["Type=notify-reload", "NotifyAccess=main", start]
            : ["Type=notify", "NotifyAccess=main", start, "ExecReload=/bin/kill -HUP $MAINPID"];
    }

    private string[] TimeLines() =>
    [
        "Restart=on-failure",
        "RestartSec=1",
        "# A wrong command line or configuration does not become right by trying again.",
        "RestartPreventExitStatus=2",
        $"TimeoutStartSec={Seconds(Model.Ready.Timeout + Model.Drain.Timeout, 60)}",
        $"TimeoutStopSec={Seconds(Model.Stop.Timeout + Model.Drain.Timeout, 15)}",
        "WatchdogSec=30",
        "# Not SIGABRT: the .NET runtime swallows the first one that comes from outside.",
        "WatchdogSignal=SIGKILL",
        "# The supervisor stops its workers itself. When it dies they go on, and the next one takes them over.",
        "KillMode=process",
        "# A worker that the kernel kills for its memory is the supervisor's business, and no end of the service.",
        "OOMPolicy=continue",
        "# The sockets, while no supervisor runs.",
        "FileDescriptorStoreMax=256",
    ];

    private IEnumerable<string> StateLines()
    {
        if (StateRoot is { } root)
            yield return $"Environment={Quote($"MIDSTREAM_STATE={root}")}";
        if (IsForUserManager)
            yield break;
        if (StateRoot is null)
        {
            yield return "Environment=MIDSTREAM_STATE=/var/lib/midstream";
            yield return $"StateDirectory=midstream/{Service}";
            yield return "StateDirectoryMode=0700";
        }

        if (User is not null)
            yield return $"User={User}";
    }

    private string[] HardeningLines()
    {
        string[] everywhere =
        [
            "NoNewPrivileges=yes",
            "LockPersonality=yes",
            "RestrictRealtime=yes",
            "RestrictSUIDSGID=yes",
            "RestrictNamespaces=yes",
            "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
            "SystemCallArchitectures=native",
            "SystemCallFilter=@system-service pidfd_getfd",
            "SystemCallErrorNumber=EPERM",
        ];
        return IsForUserManager ? everywhere : [.. everywhere, .. SystemHardening(), .. CapabilityLines()];
    }

    // Not PrivateTmp: what is deployed is often built under /tmp, and the supervisor must see it.
    private static string[] SystemHardening() =>
    [
        "ProtectSystem=full",
        "ProtectHome=read-only",
        "PrivateDevices=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
    ];

    private string[] CapabilityLines() => User is null
        ?
        [
            "# Ports below 1024; the owners of sockets; and the workers' user, priority and open files (\"limits\").",
            "CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_SETUID CAP_SETGID CAP_KILL "
                + "CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_PTRACE",
        ]
        :
        [
            "# Ports below 1024.",
            "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
            "AmbientCapabilities=CAP_NET_BIND_SERVICE",
        ];

    private static string Seconds(TimeSpan time, int more) =>
        ((long)Math.Ceiling(time.TotalSeconds) + more).ToString(CultureInfo.InvariantCulture);
}
