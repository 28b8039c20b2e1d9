using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>The releases that fault tests deploy: one that works, and one for each way to go wrong.</summary>
internal static class Releases
{
    /// <summary>Makes a release that works.</summary>
    public static string Working(this TemporaryFolder folder, string marker) =>
        folder.MakeRelease(Repository.Published("tests/TestApps/Echo"), marker);

    /// <summary>Makes a release that goes wrong.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="fault">The fault, as the application Misbehaving names it.</param>
    public static string Faulty(this TemporaryFolder folder, string fault) =>
        folder.MakeRelease(Repository.Published("tests/TestApps/Misbehaving"), fault.Replace(':', '-'), ("misbehave", fault));

    /// <summary>Makes a release that goes wrong when the test says so.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="fault">The fault, as the application Misbehaving names it.</param>
    /// <param name="now">It goes wrong when this file is written.</param>
    public static string Faulty(this TemporaryFolder folder, string fault, out string now)
    {
        now = folder.In("now");
        return folder.MakeRelease(
            Repository.Published("tests/TestApps/Misbehaving"), fault, ("misbehave", $"{fault}:{now}"));
    }
}
