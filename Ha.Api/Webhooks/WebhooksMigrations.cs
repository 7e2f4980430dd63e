using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Ha.Api.Webhooks;

// Written by hand, without a model snapshot: a test compares their result with the model.
[DbContext(typeof(WebhooksContext)), Migration("0001_Webhooks")]
internal sealed class WebhooksMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE "Webhooks" (
            "Id" TEXT NOT NULL CONSTRAINT "PK_Webhooks" PRIMARY KEY,
            "Url" TEXT NOT NULL,
            "Secret" TEXT NOT NULL,
            "Enabled" INTEGER NOT NULL,
            "DisabledReason" TEXT NULL,
            "MinimumSeverity" INTEGER NOT NULL,
            "Kinds" TEXT NOT NULL,
            "CreatedAtMicroseconds" INTEGER NOT NULL);
        CREATE TABLE "Deliveries" (
            "Id" INTEGER NOT NULL CONSTRAINT "PK_Deliveries" PRIMARY KEY AUTOINCREMENT,
            "WebhookId" TEXT NOT NULL,
            "MessageId" TEXT NOT NULL,
            "Body" TEXT NOT NULL,
            "State" INTEGER NOT NULL,
            "Attempts" INTEGER NOT NULL,
            "CreatedAtMicroseconds" INTEGER NOT NULL,
            "DeadlineMicroseconds" INTEGER NOT NULL,
            "LastAttemptMicroseconds" INTEGER NULL,
            "LastStatus" INTEGER NULL,
            "LastError" TEXT NULL);
        CREATE UNIQUE INDEX "IX_Deliveries_WebhookId_MessageId" ON "Deliveries" ("WebhookId", "MessageId");
        CREATE INDEX "IX_Deliveries_WebhookId_State_Id" ON "Deliveries" ("WebhookId", "State", "Id");
        CREATE TABLE "Marks" (
            "Id" INTEGER NOT NULL CONSTRAINT "PK_Marks" PRIMARY KEY,
            "Position" INTEGER NOT NULL,
            "EventId" TEXT NOT NULL);
        """);
}
