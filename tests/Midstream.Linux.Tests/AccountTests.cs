namespace Midstream.Linux.Tests;

public sealed class AccountTests
{
    [Fact]
    public void TryGetId_EveryLocalAccount_IsWhatTheFilesSay()
    {
        foreach (var fields in File.ReadLines("/etc/passwd").Select(line => line.Split(':')))
            Assert.Equal(uint.Parse(fields[2], null), Users.TryGetId(fields[0]));
        foreach (var fields in File.ReadLines("/etc/group").Select(line => line.Split(':')))
            Assert.Equal(uint.Parse(fields[2], null), Groups.TryGetId(fields[0]));
    }

    [Fact]
    public void TryFind_ByNameOrNumber_TellsAllThatTheFileSays()
    {
        var fields = File.ReadLines("/etc/passwd").First(line => line.StartsWith("daemon:", StringComparison.Ordinal)).Split(':');
        var daemon = new UserAccount(fields[0], uint.Parse(fields[2], null), uint.Parse(fields[3], null), fields[5], fields[6]);
        Assert.Equal(daemon, Users.TryFind("daemon"));
        Assert.Equal(daemon, Users.TryFind(fields[2]));
        Assert.Equal(Groups.TryGetId("daemon"), Groups.TryFind("daemon"));
        Assert.Equal(4_000_000_000, Groups.TryFind("4000000000"));
    }

    [Fact]
    public void NameOf_Root_IsRoot() => Assert.Equal("root", Users.NameOf(0));

    [Fact]
    public void LookUps_OfNobodyThere_ReturnNull()
    {
        Assert.Null(Users.TryGetId("no-such-user-here"));
        Assert.Null(Groups.TryGetId("no-such-group-here"));
        Assert.Null(Users.NameOf(3_999_999_999));
        Assert.Null(Users.TryFind("no-such-user-here"));
        Assert.Null(Users.TryFind("3999999999"));
        Assert.Null(Groups.TryFind("no-such-group-here"));
    }
}
