using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Ha.Api.Operations;

// Written by hand, without a model snapshot: a test compares their result with the model.
[DbContext(typeof(OperationsContext)), Migration("0001_Operations")]
internal sealed class OperationsMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE "Operations" (
            "Id" TEXT NOT NULL CONSTRAINT "PK_Operations" PRIMARY KEY,
            "RequestedAtMicroseconds" INTEGER NOT NULL,
            "Final" INTEGER NOT NULL,
            "Generation" INTEGER NOT NULL,
            "Json" TEXT NOT NULL);
        CREATE INDEX "IX_Operations_RequestedAtMicroseconds_Id" ON "Operations" ("RequestedAtMicroseconds", "Id");
        CREATE INDEX "IX_Operations_Final" ON "Operations" ("Final");
        CREATE TABLE "Keys" (
            "Key" TEXT NOT NULL CONSTRAINT "PK_Keys" PRIMARY KEY,
            "Fingerprint" TEXT NOT NULL,
            "ResultId" TEXT NULL,
            "CreatedAtMicroseconds" INTEGER NOT NULL);
        CREATE INDEX "IX_Keys_CreatedAtMicroseconds" ON "Keys" ("CreatedAtMicroseconds");
        """);
}
