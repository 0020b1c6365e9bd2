<?php
declare( strict_types=1 );

/**
 * The names of namespaces. MediaWiki derives them from the wiki's language, and the one for pages about the wiki from the wiki's
 * name. Pages have these names in their links, so former names must continue to work after a change of language or siteName.
 */
class Namespaces {
	/** The name of the project namespace that every wiki understands. */
	private const PROJECT = 'Project';

	/** @param array<string, int> $known namespaces of the wiki in the database, by all names that they have had, in lower case */
	public function __construct( private readonly Notes $notes, private array $known ) {
	}

	/** @return array<string, int> the names that store() has noted */
	public static function noted( Notes $notes ): array {
		return json_decode( $notes->get( 'namespaces' ) ?? '[]', true );
	}

	/**
	 * Decides which names of namespaces MediaWiki in this container uses from now on: those of the settings and, as aliases, all
	 * former ones. If the wiki's name cannot be the name of a namespace, the project namespace is called Project.
	 */
	public function decide( Wiki $wiki, mysqli $database ): void {
		$facts = $wiki->facts();
		$project = '';
		if ( !$facts['sound'] || $this->hidesPages( $facts['project'], $database ) ) {
			Console::say( "pages about the wiki are in the namespace “Project”: “{$facts['project']}” is not a valid name for one, or "
				. 'titles of pages begin with it' );
			$project = self::PROJECT;
			self::write( $project, [] );
			$facts = $wiki->examine();
		}
		self::write( $project, self::aliases( $this->known, $facts['names'] ) );
		$this->known = $facts['names'] + $this->known;
	}

	/**
	 * @param array<string, int> $former
	 * @param array<string, int> $current
	 * @return array<string, int> the former names that MediaWiki does not know any more
	 */
	public static function aliases( array $former, array $current ): array {
		return array_diff_key( $former, $current );
	}

	/** Notes all names, for later migrations. */
	public function store(): void {
		$this->notes->set( 'namespaces', json_encode( $this->known, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE ) );
	}

	/** Tells whether a new name of the project namespace would make pages unreachable, because their titles begin with it. */
	private function hidesPages( string $name, mysqli $database ): bool {
		$known = $this->known[mb_strtolower( $name )] ?? null;
		$pages = 'SELECT 1 FROM page WHERE page_namespace = 0 AND page_title LIKE ? LIMIT 1';
		return $known === null && Database::query( $database, $pages, [ addcslashes( $name, '\\_%' ) . ':%' ] )->num_rows > 0;
	}

	private static function write( string $project, array $aliases ): void {
		$names = json_encode( [ 'project' => $project, 'aliases' => $aliases ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE );
		file_put_contents( RevisionFiles::NAMESPACES, $names );
	}
}
