using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Ha.Api.History;

// Written by hand, without a model snapshot: a test compares their result with the model.
[DbContext(typeof(HistoryContext)), Migration("0001_Events")]
internal sealed class EventsMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE "Events" (
            "RowId" INTEGER NOT NULL CONSTRAINT "PK_Events" PRIMARY KEY AUTOINCREMENT,
            "EventId" TEXT NOT NULL,
            "Node" TEXT NOT NULL,
            "AtMicroseconds" INTEGER NOT NULL,
            "MonotonicMicroseconds" INTEGER NOT NULL,
            "Kind" INTEGER NOT NULL,
            "Severity" INTEGER NOT NULL,
            "Subject" TEXT NOT NULL,
            "Sentence" TEXT NOT NULL,
            "TransitionId" TEXT NULL,
            "Data" TEXT NULL);
        CREATE UNIQUE INDEX "IX_Events_EventId" ON "Events" ("EventId");
        CREATE INDEX "IX_Events_Kind_RowId" ON "Events" ("Kind", "RowId");
        CREATE INDEX "IX_Events_Severity_RowId" ON "Events" ("Severity", "RowId");
        CREATE INDEX "IX_Events_Node_RowId" ON "Events" ("Node", "RowId");
        CREATE INDEX "IX_Events_Subject_RowId" ON "Events" ("Subject", "RowId");
        CREATE INDEX "IX_Events_AtMicroseconds" ON "Events" ("AtMicroseconds");
        CREATE TABLE "Marks" (
            "Id" INTEGER NOT NULL CONSTRAINT "PK_Marks" PRIMARY KEY,
            "Position" INTEGER NOT NULL,
            "EventId" TEXT NOT NULL,
            "Epoch" TEXT NOT NULL);
        """);
}
