<?php
declare( strict_types=1 );

/**
 * Changes the schema of a wiki that is in use. It begins with a dump, and ends with the new schema or with the dump loaded again.
 * No edit is lost either way, because the wiki is read-only meanwhile. It notes what it has begun, so that after a kill the next
 * migration can roll back.
 */
class Upgrade {
	/** Tables in which no upgrade may lose rows. */
	private const COUNTED = [ 'page', 'revision', 'archive', 'user', 'image', 'oldimage' ];
	private const DUMPS_KEPT = 3;

	private readonly DatabaseTools $tools;

	public function __construct(
		private readonly Wiki $wiki, private readonly mysqli $database, private readonly Notes $notes, private readonly BackupVolume $volume
	) {
		$this->tools = new DatabaseTools();
	}

	/** Loads the dump of an upgrade that was interrupted. The wiki has been read-only since then. */
	public function rollBackInterrupted(): void {
		$begun = json_decode( $this->notes->get( 'upgrade' ) ?? 'null', true );
		if ( $begun ) {
			Console::say( "the upgrade to MediaWiki {$begun['to']} was interrupted: rolling back" );
			$this->rollBack( $begun );
		}
	}

	/**
	 * @param string $from MediaWiki version of the schema; "" if it is not known
	 * @param string $schema what the schema will depend on, see Wiki::schema()
	 */
	public function run( string $from, string $schema ): void {
		$this->wiki->checkUpgradeFrom( $from );
		$to = $this->wiki->version;
		$begun = [
			'from' => $from ?: $to, 'to' => $to, 'schema' => $this->notes->get( 'schema' ),
			'dump' => "{$this->volume->root}/before-$to-" . gmdate( 'Ymd\THis\Z' ) . '.sql.zst',
		];
		$readOnly = new ReadOnlyMode( $begun['from'] );
		$readOnly->begin( "This wiki is being upgraded to MediaWiki $to. It can be edited again in a few minutes." );
		try {
			$readOnly->waitForRequests( $this->database );
			$this->dump( $begun['dump'] );
		} catch ( Throwable $e ) {
			$readOnly->end();
			throw new PermanentFailure( 'nothing was changed, because the dump before the upgrade failed: ' . Console::reason( $e ) );
		}
		$this->notes->set( 'upgrade', json_encode( $begun ) );
		$this->notes->set( 'schema', '' ); // no revision is approved now
		try {
			$this->change();
		} catch ( Throwable $e ) {
			$reason = Console::reason( $e );
			Console::say( "failed: $reason" );
			MigrationLock::assertHeld( $this->database );
			$this->rollBack( $begun );
			throw new PermanentFailure( "$reason\n"
				. "The wiki is as it was; its dump is {$begun['dump']} on the volume for backups." );
		}
		$this->notes->set( 'schema', $schema );
		$this->notes->set( 'upgrade', 'null' );
		if ( $begun['from'] === $to ) {
			$readOnly->end(); // Pods of an older version stay read-only: they do not know the new schema
		}
		$this->prune();
	}

	private function dump( string $file ): void {
		Console::say( "dumping the database to $file" );
		$this->tools->dump( $file );
		if ( $others = Schema::notDumped( $this->database ) ) {
			Console::say( "not in the dump, because MediaWiki does not create them: $others" );
		}
		$this->tools->rehearse( $file );
	}

	private function change(): void {
		$before = $this->counts();
		Console::say( 'updating the schema' );
		$this->wiki->update();
		MigrationLock::assertHeld( $this->database );
		PageCheck::run();
		$after = $this->counts();
		foreach ( $before as $table => $rows ) { // there may be more: extensions create users and pages of their own
			if ( $after[$table] < $rows ) {
				throw new PermanentFailure( 'rows are missing: ' . json_encode( $before ) . ' before, '
					. json_encode( $after ) . ' after' );
			}
		}
	}

	private function rollBack( array $begun ): void {
		try {
			$this->tools->check( $begun['dump'] ); // before anything is dropped
		} catch ( PermanentFailure $e ) {
			throw new PermanentFailure( 'the dump from before the upgrade cannot be loaded, and the wiki stays read-only: '
				. "{$e->getMessage()}\nRestore a backup (wiki restore); the current contents of the database are backed up first" );
		}
		Schema::drop( $this->database, array_diff( Schema::baseTables( $this->database ), [ Notes::TABLE ] ) );
		$this->tools->load( $begun['dump'] );
		Caches::flushObjects( $this->notes );
		$this->notes->set( 'schema', (string)$begun['schema'] );
		$this->notes->set( 'upgrade', 'null' );
		Console::say( "rolled back to {$begun['dump']}" );
		( new ReadOnlyMode( $begun['from'] ) )->end();
	}

	/** @return array<string, int> */
	private function counts(): array {
		$counts = [];
		foreach ( self::COUNTED as $table ) {
			$counts[$table] = (int)$this->database->query( "SELECT COUNT(*) FROM `$table`" )->fetch_column();
		}
		return $counts;
	}

	/** Deletes old dumps. */
	private function prune(): void {
		$dumps = glob( "{$this->volume->root}/before-*.sql.zst" );
		usort( $dumps, static fn ( $a, $b ) => filemtime( $b ) <=> filemtime( $a ) );
		foreach ( array_slice( $dumps, self::DUMPS_KEPT ) as $dump ) {
			unlink( $dump );
			@unlink( "$dump.rows" );
		}
	}
}
