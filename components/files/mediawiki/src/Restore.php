<?php
declare( strict_types=1 );

/** Replaces the wiki's contents by a backup. It notes what it has begun, so that a restore that was killed can be repeated. */
class Restore {
	/** Prefix of the names of backups of replaced contents. The newest three are kept. */
	private const KEPT = 'before-restore-';

	private readonly DatabaseTools $tools;

	public function __construct(
		private readonly Wiki $wiki, private readonly mysqli $database, private readonly Notes $notes, private readonly BackupVolume $volume
	) {
		$this->tools = new DatabaseTools();
	}

	/** Checks, without changing anything, that a backup belongs to this wiki, and can be loaded by this MediaWiki and MariaDB. */
	public function check( Archive $archive ): void {
		$dump = "$archive->path/" . Archive::DUMP;
		$this->tools->check( $dump );
		$this->wiki->checkUpgradeFrom( $archive->manifest['mediawiki'] );
		if ( $this->hasContent() && $this->notes->get( 'wiki' ) !== $archive->manifest['wiki'] ) {
			$name = $archive->name();
			throw new PermanentFailure( "$name is a backup of another wiki, and this wiki is not empty, so nothing was changed. Only a "
				. 'new wiki can become another one: create a stack (pulumi stack init NAME) with this backups.remote, or copy the folder '
				. "to its volume for backups; then pulumi config set --path backups.restoreFrom $name && pulumi up" );
		}
		$this->tools->rehearse( $dump );
	}

	/** @throws PermanentFailure if the wiki is not new, and so must not be replaced by an import */
	public function checkEmpty(): void {
		if ( $this->hasContent() ) {
			throw new PermanentFailure( 'this wiki is not empty, so nothing was changed. An import replaces only a new wiki, without '
				. 'pages, files and users of its own: create a stack for it (pulumi stack init NAME), and import into that' );
		}
	}

	public function run( Archive $archive ): void {
		$readOnly = new ReadOnlyMode( $this->wiki->version );
		$readOnly->begin( 'This wiki is being restored from a backup. It can be edited again in a few minutes.' );
		if ( !$this->isInterrupted() ) {
			try {
				$this->keepContents( $readOnly, $archive );
			} catch ( Throwable $e ) {
				$readOnly->end();
				throw new PermanentFailure( 'nothing was changed, because the backup of the current contents failed: '
					. Console::reason( $e ) );
			}
		}
		$this->notes->set( 'restore', $archive->name() );
		$this->notes->set( 'upgrade', 'null' );
		$this->notes->set( 'schema', '' ); // no revision is approved now
		$this->replaceDatabase( $archive );
		Console::say( 'copying uploads' );
		( new Uploads() )->restore( $archive );
		$this->finish( $archive );
		$readOnly->end();
	}

	/** Tells whether a restore has begun to replace the wiki's contents, and has not succeeded since. */
	public function isInterrupted(): bool {
		return (string)$this->notes->get( 'restore' ) !== '';
	}

	/** Tells whether the wiki contains more than the first page of a new wiki. */
	public function hasContent(): bool {
		// A new wiki has a main page and an administrator. Accounts of extensions have no password.
		return !$this->isInterrupted() && $this->notes->get( 'state' ) === 'installed' && Database::hasTable( $this->database, 'revision' )
			&& $this->database->query( "SELECT (SELECT COUNT(*) FROM revision) > 1 OR (SELECT COUNT(*) FROM archive) > 0
				OR (SELECT COUNT(*) FROM image) > 0 OR (SELECT COUNT(*) FROM user WHERE user_password <> '') > 1" )->fetch_column();
	}

	private function keepContents( ReadOnlyMode $readOnly, Archive $restored ): void {
		$readOnly->waitForRequests( $this->database ); // and for the job runner, which would run jobs of the backup
		if ( $this->hasContent() ) {
			$kept = ( new BackupWriter( $this->database, $this->volume ) )->createBackup( self::KEPT );
			Console::say( "backup of the current contents: $kept" );
			foreach ( array_slice( $kept->ofTheSameWiki( $this->volume->matching( self::KEPT . '*' ) ), 3 ) as $old ) {
				if ( $old->name() !== $restored->name() ) {
					$old->delete();
				}
			}
		}
	}

	private function replaceDatabase( Archive $archive ): void {
		Console::say( 'loading the database' );
		Schema::drop( $this->database, array_diff( Schema::tables( $this->database ), [ Notes::TABLE ] ) );
		$this->tools->load( "$archive->path/" . Archive::DUMP );
		Caches::flushObjects( $this->notes );
		foreach ( $archive->manifest['rows'] as $table => $rows ) {
			$there = (int)$this->database->query( "SELECT COUNT(*) FROM `$table`" )->fetch_column();
			if ( $there !== $rows ) {
				throw new PermanentFailure( "table $table has $there rows, and $rows in the backup" );
			}
		}
		MigrationLock::assertHeld( $this->database );
	}

	private function finish( Archive $archive ): void {
		// The names of this wiki's namespaces do not matter if the backup is of another wiki, which replaces a new one.
		$ours = $this->notes->get( 'wiki' ) === $archive->manifest['wiki'] ? Namespaces::noted( $this->notes ) : [];
		$names = new Namespaces( $this->notes, $ours + ( $archive->manifest['namespaces'] ?? [] ) );
		$names->decide( $this->wiki, $this->database );
		$schema = $this->wiki->schema();
		if ( $archive->manifest['schema'] !== $schema ) {
			Console::say( 'updating the schema' );
			$this->wiki->update();
		}
		PageCheck::run();
		MigrationLock::assertHeld( $this->database );
		$this->notes->set( 'state', 'installed' );
		$this->notes->set( 'wiki', $archive->manifest['wiki'] );
		$this->notes->set( 'schema', $schema );
		Revision::approve( $this->notes, $this->wiki, $names );
		$this->notes->set( 'restore', '' );
		Caches::purgePages( $this->notes );
	}
}
