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
    public void NameOf_Root_IsRoot() => Assert.Equal("root", Users.NameOf(0));

    [Fact]
    public void LookUps_OfNobodyThere_ReturnNull()
    {
        Assert.Null(Users.TryGetId("no-such-user-here"));
        Assert.Null(Groups.TryGetId("no-such-group-here"));
        Assert.Null(Users.NameOf(3_999_999_999));
    }
}
