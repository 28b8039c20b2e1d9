// Walks every cell of the drain ladder: each kind of connection with each combination of facts.

using Midstream.Core.Drain;

namespace Midstream.Core.Tests.Drain;

public class DrainLadderTests
{
    private const string Held = "HHHHHHHH";
    private const string Closed = "CCCCCCCC CCCCCCCC";

    // One letter a cell: Move, Finish then move, Announce, half-close (E for end), Hold, Close. Within a row, from the left, the
    // facts count up: bit 0 at boundary, bit 1 peer takes connections, bit 2 refused before, bit 3 may resume, then the time.
    private static readonly Dictionary<ConnectionKind, string> s_table = new()
    {
        [ConnectionKind.NothingRead] = $"AAMMAAAA {Held} EEMMEEEE {Held} {Closed}",
        [ConnectionKind.Http1] = $"AAFMAAAA {Held} AEFMAEAE {Held} {Closed}",
        [ConnectionKind.Tls] = $"AAAAAAAA {Held} AEAEAEAE {Held} {Closed}",
        [ConnectionKind.Http2] = $"AAAAAAAA {Held} AAAAAAAA {Held} {Closed}",
        [ConnectionKind.Http2OverTls] = $"AAAAAAAA {Held} AEAEAEAE {Held} {Closed}",
        [ConnectionKind.WebSocket] = $"AAAAAAAA {Held} AAAAAAAA {Held} {Closed}",
        [ConnectionKind.MovableWebSocket] = $"AAFMAAAA {Held} AAFMAAAA {Held} {Closed}",
        [ConnectionKind.MovableStream] = $"HHFMHHHH {Held} HEFMHEHE {Held} {Closed}",
        [ConnectionKind.Upgraded] = $"HHHHHHHH {Held} HHHHHHHH {Held} {Closed}",
    };

    public static TheoryData<DrainFacts, DrainRung> Cells()
    {
        var cells = new TheoryData<DrainFacts, DrainRung>();
        foreach ((ConnectionKind kind, string row) in s_table)
        {
            string letters = row.Replace(" ", "", StringComparison.Ordinal);
            for (int number = 0; number < letters.Length; number++)
                cells.Add(FactsOf(kind, number), RungOf(letters[number]));
        }

        return cells;
    }

    [Fact]
    public void Table_HasACell_ForEveryCombination()
    {
        Assert.Equal(Enum.GetValues<ConnectionKind>(), s_table.Keys);
        Assert.Equal(9 * 16 * 3, Cells().Count);
        Assert.Equal(Cells().Count, Cells().Select(cell => cell.Data.Item1).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Decide_EveryCell_IsAsTheTableSays(DrainFacts facts, DrainRung expected) =>
        Assert.Equal(expected, DrainLadder.Decide(facts));

    private static DrainFacts FactsOf(ConnectionKind kind, int number) => new(
        kind,
        AtBoundary: (number & 1) != 0,
        PeerTakesConnections: (number & 2) != 0,
        RefusedBefore: (number & 4) != 0,
        MayResume: (number & 8) != 0,
        Time: (DrainTime)(number / 16));

    private static DrainRung RungOf(char letter) => letter switch
    {
        'M' => DrainRung.Move,
        'F' => DrainRung.FinishThenMove,
        'A' => DrainRung.Announce,
        'E' => DrainRung.HalfClose,
        'H' => DrainRung.Hold,
        'C' => DrainRung.Close,
        _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, "No such rung."),
    };
}
