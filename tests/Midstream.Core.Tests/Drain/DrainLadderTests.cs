// Walks every cell of the drain ladder: each kind of connection with each combination of facts.

using Midstream.Core.Drain;

namespace Midstream.Core.Tests.Drain;

public class DrainLadderTests
{
    // One letter a cell: Move, Finish then move, Announce, Hold, Close. Within a row, from the left, the facts count up in
    // binary:
    // bit 0 at boundary, bit 1 peer takes connections, bit 2 refused before, bit 3 peer died, bit 4 deadline passed.
    private static readonly Dictionary<ConnectionKind, string> s_table = new()
    {
        [ConnectionKind.NothingRead] = "AAMM AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.Http1] = "AAFM AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.Tls] = "AAAA AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.Http2] = "AAAA AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.Http2OverTls] = "AAAA AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.WebSocket] = "AAAA AAAA HHHH HHHH CCCC CCCC CCCC CCCC",
        [ConnectionKind.Upgraded] = "HHHH HHHH HHHH HHHH CCCC CCCC CCCC CCCC",
    };

    public static TheoryData<DrainFacts, DrainRung> Cells()
    {
        var cells = new TheoryData<DrainFacts, DrainRung>();
        foreach ((ConnectionKind kind, string row) in s_table)
        {
            string letters = row.Replace(" ", "", StringComparison.Ordinal);
            for (int bits = 0; bits < letters.Length; bits++)
                cells.Add(FactsOf(kind, bits), RungOf(letters[bits]));
        }

        return cells;
    }

    [Fact]
    public void Table_HasACell_ForEveryCombination()
    {
        Assert.Equal(Enum.GetValues<ConnectionKind>(), s_table.Keys);
        Assert.Equal(7 * 32, Cells().Count);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Decide_EveryCell_IsAsTheTableSays(DrainFacts facts, DrainRung expected) =>
        Assert.Equal(expected, DrainLadder.Decide(facts));

    private static DrainFacts FactsOf(ConnectionKind kind, int bits) => new(
        kind,
        AtBoundary: (bits & 1) != 0,
        PeerTakesConnections: (bits & 2) != 0,
        RefusedBefore: (bits & 4) != 0,
        DeadlinePassed: (bits & 16) != 0,
        PeerDied: (bits & 8) != 0);

    private static DrainRung RungOf(char letter) => letter switch
    {
        'M' => DrainRung.Move,
        'F' => DrainRung.FinishThenMove,
        'A' => DrainRung.Announce,
        'H' => DrainRung.HoldUntilDeadline,
        'C' => DrainRung.Close,
        _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, "No such rung."),
    };
}
