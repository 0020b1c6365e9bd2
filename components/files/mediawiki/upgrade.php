<?php
// A change of the schema of a wiki that people use. It begins with a dump, and ends with the new schema or with the dump put back; what
// was acknowledged to an editor is in both, because nobody can edit meanwhile.
declare( strict_types=1 );

/** One upgrade. What it has begun is noted, so that after a kill the next migration can put it back. */
class Upgrade {
	private const BACKUPS = '/backups';
	/** What no upgrade makes more or less of. */
	private const COUNTED = [ 'page', 'revision', 'archive', 'user', 'image', 'oldimage' ];
	private const DUMPS_KEPT = 3;

	public function __construct(
		private readonly Wiki $wiki, private readonly mysqli $database, private readonly Notes $notes, private readonly Tools $tools
	) {
	}

	/** Puts back what an upgrade has left that was interrupted. The wiki is read-only since it began. */
	public function settle(): void {
		$begun = json_decode( $this->notes->get( 'upgrade' ) ?? 'null', true );
		if ( $begun ) {
			say( "the upgrade to MediaWiki {$begun['to']} was interrupted: putting back what was before it" );
			$this->putBack( $begun );
		}
	}

	/**
	 * @param string $from version of MediaWiki that the schema is of; empty if it is not known
	 * @param string $schema what it is to be of
	 */
	public function run( string $from, string $schema ): void {
		$this->wiki->checkUpgradeFrom( $from );
		$to = $this->wiki->version;
		$begun = [
			'from' => $from ?: $to, 'to' => $to, 'schema' => $this->notes->get( 'schema' ),
			'dump' => self::BACKUPS . "/before-$to-" . gmdate( 'Ymd\THis\Z' ) . '.sql.zst',
		];
		$editing = new Editing( $begun['from'] );
		$editing->close( "This wiki is being upgraded to MediaWiki $to. It can be edited again in a few minutes." );
		try {
			$editing->drain( $this->database );
			say( "dumping the database to {$begun['dump']}" );
			$this->tools->dump( $begun['dump'] );
			if ( $others = notDumped( $this->database ) ) {
				say( "not in the dump, because MediaWiki has none: $others" );
			}
			$this->tools->rehearse( $begun['dump'] );
		} catch ( Throwable $e ) {
			$editing->open();
			throw new Refusal( "without a dump nothing is changed: {$e->getMessage()}" );
		}
		$this->notes->set( 'upgrade', json_encode( $begun ) );
		$this->notes->set( 'schema', '' ); // every gate is closed
		try {
			$this->change();
		} catch ( Throwable $e ) {
			say( "failed: {$e->getMessage()}" );
			holds( $this->database );
			$this->putBack( $begun );
			throw new Refusal( "{$e->getMessage()}\nThe wiki is as it was; its dump is {$begun['dump']} on the volume for backups." );
		}
		$this->notes->set( 'schema', $schema );
		$this->notes->set( 'upgrade', 'null' );
		if ( $begun['from'] === $to ) {
			$editing->open(); // else the old Pods stay as they are: they do not know the new schema
		}
		$this->prune();
	}

	private function change(): void {
		$before = $this->counts();
		say( 'bringing the schema up to date' );
		$this->wiki->update();
		holds( $this->database );
		$this->wiki->checkPages();
		$after = $this->counts();
		foreach ( $before as $table => $rows ) { // an extension may add some: users of its own, pages
			if ( $after[$table] < $rows ) {
				throw new Refusal( 'rows are missing: ' . json_encode( $before ) . ' before, ' . json_encode( $after ) . ' after' );
			}
		}
	}

	private function putBack( array $begun ): void {
		if ( !is_file( $begun['dump'] ) ) {
			throw new Refusal( "{$begun['dump']} is gone from the volume for backups; the wiki stays read-only" );
		}
		drop( $this->database, array_diff( baseTables( $this->database ), [ NOTES ] ) );
		$this->tools->load( $begun['dump'] );
		forgetObjects();
		$this->notes->set( 'schema', (string)$begun['schema'] );
		$this->notes->set( 'upgrade', 'null' );
		say( "{$begun['dump']} is put back" );
		( new Editing( $begun['from'] ) )->open();
	}

	/** @return array<string, int> */
	private function counts(): array {
		$counts = [];
		foreach ( self::COUNTED as $table ) {
			$counts[$table] = (int)$this->database->query( "SELECT COUNT(*) FROM `$table`" )->fetch_column();
		}
		return $counts;
	}

	private function prune(): void {
		$dumps = glob( self::BACKUPS . '/before-*.sql.zst' );
		usort( $dumps, static fn ( $a, $b ) => filemtime( $b ) <=> filemtime( $a ) );
		foreach ( array_slice( $dumps, self::DUMPS_KEPT ) as $dump ) {
			unlink( $dump );
			@unlink( "$dump.rows" );
		}
	}
}
