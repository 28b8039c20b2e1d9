using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Midstream.Cli.Operating;

/// <summary>Finds where the service manager reads units that an administrator or a user adds, and which version it is.</summary>
internal static class SystemdFolders
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Gets the folder for units (systemd.unit(5)).</summary>
    /// <param name="isForUserManager">Whether it is the user's own manager.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>An absolute path; it need not exist.</returns>
    /// <exception cref="CommandException">The user has no home.</exception>
    public static string ForUnits(bool isForUserManager, Func<string, string?> variable)
    {
        if (!isForUserManager)
            return "/etc/systemd/system";
        if (Path.IsPathRooted(variable("XDG_CONFIG_HOME")))
            return Path.Combine(variable("XDG_CONFIG_HOME")!, "systemd", "user");
        return Path.IsPathRooted(variable("HOME"))
            ? Path.Combine(variable("HOME")!, ".config", "systemd", "user")
            : throw new CommandException(ExitCodes.Usage, "HOME is not set; set it, or use --print.");
    }

    /// <summary>Asks systemctl for its version.</summary>
    /// <returns>The major version; 0 when there is no answer, and the unit is then written for an old one.</returns>
    public static int FindVersion()
    {
        try
        {
            using var systemctl = Process.Start(new ProcessStartInfo("systemctl", ["--version"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            if (!systemctl.WaitForExit(s_patience))
            {
                systemctl.Kill();
                return 0;
            }

            // "systemd 252 (252.38-1~deb12u1)", then its features.
            var words = (systemctl.StandardOutput.ReadLine() ?? "").Split(' ');
            return words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? version : 0;
        }
        catch (Win32Exception)
        {
            return 0; // Not installed; the unit may be for another machine.
        }
    }
}
